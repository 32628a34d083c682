// The editor of drafts by keys: Enter adds a line, Alt+Up/Down moves one, Ctrl+S saves, Ctrl+Enter issues.
// Everything is a button of the form; nothing here is needed to work.

const editor = document.getElementById("editor");
let wanted = null; // which input gets the focus once the lines were drawn anew
let isSending = false;

function changed() {
  const told = document.getElementById("unsaved");
  if (told) told.hidden = false;
  editor.dataset.changed = "yes";
}

function nameIn(input) {
  return input?.name?.match(/^lines-\d+-(.+)$/)?.[1];
}

function press(selector) {
  const button = editor.querySelector(selector);
  if (button && !button.disabled) button.click();
}

function move(event, way) {
  const line = event.target.closest(".line");
  const button = line?.querySelector(`[data-moves="${way}"]`);
  if (!button || button.disabled) return;
  event.preventDefault();
  const place = Number(line.dataset.line) + (way === "up" ? -1 : 1);
  wanted = `lines-${place}-${nameIn(event.target) ?? "description"}`;
  button.click();
}

// What is wrong while one types is told beside the sums, and marked at its input.
function mark() {
  for (const input of editor.querySelectorAll("[data-told]")) {
    input.classList.remove("is-invalid");
    for (const name of ["aria-invalid", "aria-describedby", "data-told"]) input.removeAttribute(name);
  }
  for (const told of editor.querySelectorAll("#sums [data-path]")) {
    const input = editor.elements[told.dataset.path];
    if (!input || !input.classList || input.hasAttribute("aria-invalid")) continue;
    input.classList.add("is-invalid");
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", told.id);
    input.dataset.told = "yes";
  }
}

if (editor) {
  editor.addEventListener("input", changed);
  editor.addEventListener("picked", () => {
    changed();
    editor.dispatchEvent(new Event("typed"));
  });
  editor.addEventListener("change", (event) => {
    if (event.target.matches("select, [data-combobox], [type=date]")) editor.dispatchEvent(new Event("typed"));
  });
  editor.addEventListener("submit", () => {
    isSending = true;
  });

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && event.key.toLowerCase() === "s") {
      event.preventDefault();
      press("[data-saves]");
    } else if (isCommand && event.key === "Enter") {
      event.preventDefault();
      press("[data-issues]");
    } else if (event.altKey && event.key === "ArrowUp") {
      move(event, "up");
    } else if (event.altKey && event.key === "ArrowDown") {
      move(event, "down");
    }
  });

  editor.addEventListener("keydown", (event) => {
    const isText = event.target.matches(".line input, .line-main textarea");
    if (event.key !== "Enter" || !isText || event.shiftKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    wanted = "last";
    press("[data-adds]");
  });

  editor.addEventListener("click", (event) => {
    if (event.target.closest("[data-adds]")) wanted = "last";
    if (event.target.closest("[data-adds], .line-acts button")) changed();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    mark();
    if (!wanted || event.detail.target?.id !== "lines") return; // sums come in between
    const input =
      wanted === "last"
        ? [...editor.querySelectorAll(".line-sku input")].at(-1)
        : editor.elements[wanted];
    wanted = null;
    input?.focus();
  });

  window.addEventListener("beforeunload", (event) => {
    if (editor.dataset.changed && !isSending) event.preventDefault();
  });

  mark();
  document.getElementById("wrong")?.focus();
}
