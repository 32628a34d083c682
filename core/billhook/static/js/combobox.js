// Pickers: an input marked `data-combobox="<address>"` offers what the address finds for what one types
// (ARIA 1.2, combobox with a list). `data-with="customer currency"` names inputs whose values go along.
// An option may fill empty neighbours: {"value", "label", "hint", "fills": {"description": "…"}}.

const WAIT = 150;
let count = 0;

function enhance(input) {
  if (input.getAttribute("role") === "combobox" || input.disabled) return;
  const list = document.createElement("ul");
  list.id = `options-${(count += 1)}`;
  list.className = "options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
  list.hidden = true;
  input.after(list);
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-controls", list.id],
    ["aria-expanded", "false"],
  ]) {
    input.setAttribute(name, value);
  }
  const state = { input, list, options: [], place: -1, timer: 0, asked: 0 };
  input.addEventListener("input", () => later(state));
  input.addEventListener("keydown", (event) => press(state, event));
  input.addEventListener("blur", () => close(state));
  input.addEventListener("click", () => (list.hidden ? ask(state) : undefined));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) choose(state, [...list.children].indexOf(option));
  });
}

function later(state) {
  clearTimeout(state.timer);
  state.timer = setTimeout(() => ask(state), WAIT);
}

async function ask(state) {
  const asked = (state.asked += 1);
  const address = new URL(state.input.dataset.combobox, window.location.href);
  address.searchParams.set("q", state.input.value);
  for (const name of (state.input.dataset.with ?? "").split(" ").filter(Boolean)) {
    address.searchParams.set(name, state.input.form?.elements[name]?.value ?? "");
  }
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok || asked !== state.asked || document.activeElement !== state.input) return;
  show(state, (await answer.json()).options);
}

function show(state, options) {
  state.options = options;
  state.place = -1;
  state.list.replaceChildren(
    ...options.map((option, place) => {
      const item = document.createElement("li");
      item.id = `${state.list.id}-${place}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      const label = document.createElement("span");
      label.textContent = option.label;
      const hint = document.createElement("span");
      hint.className = "option-hint";
      hint.textContent = option.hint ?? "";
      item.append(label, hint);
      return item;
    }),
  );
  state.list.hidden = options.length === 0;
  state.input.setAttribute("aria-expanded", String(options.length > 0));
  state.input.removeAttribute("aria-activedescendant");
}

function press(state, event) {
  const last = state.options.length - 1;
  if (event.key === "ArrowDown" && !event.altKey) {
    event.preventDefault();
    if (state.list.hidden) ask(state);
    else mark(state, state.place < last ? state.place + 1 : 0);
  } else if (event.key === "ArrowUp" && !event.altKey && !state.list.hidden) {
    event.preventDefault();
    mark(state, state.place > 0 ? state.place - 1 : last);
  } else if (event.key === "Enter" && !state.list.hidden && state.place >= 0 && !event.ctrlKey) {
    event.preventDefault();
    event.stopPropagation();
    choose(state, state.place);
  } else if (event.key === "Escape" && !state.list.hidden) {
    event.preventDefault();
    event.stopPropagation();
    close(state);
  } else if (event.key === "Tab" && state.place >= 0) {
    choose(state, state.place);
  }
}

function mark(state, place) {
  const items = [...state.list.children];
  items[state.place]?.setAttribute("aria-selected", "false");
  state.place = place;
  items[place]?.setAttribute("aria-selected", "true");
  items[place]?.scrollIntoView({ block: "nearest" });
  state.input.setAttribute("aria-activedescendant", items[place]?.id ?? "");
}

function choose(state, place) {
  const option = state.options[place];
  if (!option) return;
  state.input.value = option.value;
  for (const [name, value] of Object.entries(option.fills ?? {})) {
    const base = state.input.name.replace(/[^-]*$/, "");
    const field = state.input.form?.elements[base + name];
    if (field && !field.value.trim()) field.value = value;
  }
  close(state);
  state.input.dispatchEvent(new CustomEvent("picked", { bubbles: true, detail: option }));
  state.input.dispatchEvent(new Event("change", { bubbles: true }));
}

function close(state) {
  clearTimeout(state.timer);
  state.asked += 1;
  state.list.hidden = true;
  state.place = -1;
  state.input.setAttribute("aria-expanded", "false");
  state.input.removeAttribute("aria-activedescendant");
}

export function enhanceAll(root = document) {
  for (const input of root.querySelectorAll("input[data-combobox]")) enhance(input);
}

document.addEventListener("htmx:afterSettle", () => enhanceAll());
enhanceAll();
