// What every page does beyond plain HTML: menus that close, dialogs, messages, keys. Nothing here is needed to work.

const root = document.documentElement;
const dialog = document.getElementById("dialog");

for (const hidden of document.querySelectorAll("[data-theme-switch], [data-opens], [data-dismiss]")) {
  hidden.hidden = false;
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("button, a, summary") || event.target;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (target.matches("[data-theme-switch]")) {
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    localStorage.setItem("billhook-theme", next);
    root.dataset.bsTheme = next;
  } else if (target.matches("[data-opens]")) {
    document.getElementById(target.dataset.opens).showModal();
  } else if (target.matches("[data-dismiss]")) {
    target.closest(".told").remove();
  } else if (target.matches("[data-dialog-close]") && dialog.open) {
    event.preventDefault();
    dialog.close();
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "dialog-body" && !dialog.open) dialog.showModal();
});

// A session that ended answers with the page to log in at; it is a page, not a part of one.
document.addEventListener("htmx:responseError", (event) => {
  const told = document.getElementById("told");
  const status = event.detail.xhr.status;
  if (status === 401) window.location.reload();
  else if (told) told.textContent = event.detail.xhr.getResponseHeader("X-Message") || "";
});

const typing = (element) =>
  element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    const results = document.getElementById("search-results");
    if (results) results.replaceChildren();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const marked = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (marked) {
    event.preventDefault();
    if (marked.matches("input")) {
      marked.focus();
      marked.select();
    } else {
      marked.click();
    }
  } else if (event.key === "?") {
    const shortcuts = document.getElementById("shortcuts");
    if (shortcuts) shortcuts.showModal();
  }
});

// Arrow keys walk through what the search found.
document.addEventListener("keydown", (event) => {
  if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const form = event.target.closest("#global-search");
  if (!form) return;
  const stops = [form.querySelector("input"), ...form.querySelectorAll("#search-results a")];
  const place = stops.indexOf(document.activeElement);
  const next = stops[place + (event.key === "ArrowDown" ? 1 : -1)];
  if (next) {
    event.preventDefault();
    next.focus();
  }
});
