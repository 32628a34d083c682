// The sample beside a design follows what one types. Without this, a button shows it.

const panel = document.querySelector("[data-preview]");
const form = document.getElementById(panel.dataset.preview);
const button = panel.querySelector("[data-preview-button]");
const sheet = panel.querySelector(".preview-sheet");
const PAUSE = 450;
let waiting = 0;

// A new frame for each sample, shown once it is there: no flicker, and no entry in the history.
function refresh() {
  const shown = sheet.querySelector("iframe:not([data-coming])");
  for (const coming of sheet.querySelectorAll("[data-coming]")) coming.remove();
  const next = shown.cloneNode();
  next.removeAttribute("src");
  next.dataset.coming = "";
  shown.removeAttribute("name");
  sheet.append(next);
  next.addEventListener("load", () => {
    if (!next.isConnected) return;
    delete next.dataset.coming;
    shown.remove();
  });
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
