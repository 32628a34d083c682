// Lists by mouse and by keys: ticking rows, counting them, walking with j and k.

const form = () => document.getElementById("list-form");
const ticks = () => [...(form()?.querySelectorAll('input[name="id"]') ?? [])];

function count() {
  const bar = document.getElementById("list-bulk");
  if (!bar) return;
  const chosen = ticks().filter((tick) => tick.checked).length;
  const told = bar.querySelector("[data-chosen]");
  bar.classList.toggle("is-idle", chosen === 0);
  told.textContent =
    chosen === 1 ? told.dataset.single : told.dataset.many.replace("{count}", chosen);
  const all = form().querySelector("[data-all]");
  all.checked = chosen > 0 && chosen === ticks().length;
  all.indeterminate = chosen > 0 && !all.checked;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    for (const tick of ticks()) tick.checked = event.target.checked;
  }
  if (event.target.closest("#list-form")) count();
});
document.addEventListener("htmx:afterSettle", count);
window.addEventListener("pageshow", count);
count();

const rows = () => [...document.querySelectorAll("#list-body tbody tr")];

function step(by) {
  const all = rows();
  const place = all.findIndex((row) => row.classList.contains("is-here"));
  const next = all[Math.min(Math.max(place + by, 0), all.length - 1)];
  if (!next) return;
  all[place]?.classList.remove("is-here");
  next.classList.add("is-here");
  next.querySelector("a, input")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  const element = event.target;
  const inText = element.matches("textarea, select, input:not([type=checkbox])");
  if (inText || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "x") {
    const tick = document.querySelector('tr.is-here input[name="id"]');
    if (tick) tick.click();
  }
});
