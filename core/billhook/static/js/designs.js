// The sample beside a design follows what one types. Without this, a button shows it.

const panel = document.querySelector("[data-preview]");
const form = document.getElementById(panel.dataset.preview);
const button = panel.querySelector("[data-preview-button]");
const sheet = panel.querySelector(".preview-sheet");
const PAUSE = 450;
let waiting = 0;
let samples = 0;

// A new frame with a name of its own for each sample: the first page of a frame is no entry in
// the history. It is shown once it is there, so that nothing flickers.
function refresh() {
  const shown = sheet.querySelector("iframe:not([data-coming])");
  for (const coming of sheet.querySelectorAll("[data-coming]")) coming.remove();
  const next = shown.cloneNode();
  next.removeAttribute("src");
  next.name = `preview-${(samples += 1)}`;
  next.dataset.coming = "";
  sheet.append(next);
  next.addEventListener("load", () => {
    if (!next.isConnected) return;
    delete next.dataset.coming;
    shown.remove();
  });
  button.formTarget = next.name;
  form.requestSubmit(button);
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, PAUSE);
}

button.hidden = true;
form.addEventListener("input", soon);
form.addEventListener("change", soon);
panel.querySelector("select").addEventListener("change", soon);

// Colours: the picker and the text beside it say the same.
for (const picker of document.querySelectorAll("[data-colour]")) {
  const text = document.getElementById(picker.dataset.colour);
  picker.hidden = false;
  picker.addEventListener("input", (event) => {
    event.stopPropagation();
    text.value = picker.value;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  text.addEventListener("input", () => {
    const value = text.value.trim() || text.placeholder;
    if (/^#[0-9a-f]{6}$/i.test(value)) picker.value = value.toLowerCase();
  });
}

// Parts of a template change places without a new page.
form.addEventListener("click", (event) => {
  const mover = event.target.closest('button[name="move"]');
  if (!mover) return;
  event.preventDefault();
  const row = mover.closest("li");
  if (mover.value.endsWith(":up") && row.previousElementSibling) {
    row.previousElementSibling.before(row);
  } else if (mover.value.endsWith(":down") && row.nextElementSibling) {
    row.nextElementSibling.after(row);
  }
  mover.focus();
  soon();
});
