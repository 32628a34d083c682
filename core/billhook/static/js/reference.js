// The reference of the API: finds while one types, copies examples, and tries operations with a key that stays in
// this page. Without it the page reads the same, and the search asks the server.

const search = document.getElementById("q");
const items = [...document.querySelectorAll("[data-words]")];
const none = document.querySelector("[data-none]");

const filter = () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of items) item.hidden = !words.every((word) => item.dataset.words.includes(word));
  for (const group of document.querySelectorAll("[data-group]")) {
    group.hidden = !group.querySelector("[data-words]:not([hidden])");
  }
  if (none) none.hidden = items.length === 0 || items.some((item) => !item.hidden);
};
search.addEventListener("input", filter);

if (window.matchMedia("(max-width: 60rem)").matches) {
  document.querySelector(".api-nav details").open = false;
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  });
}

const card = document.querySelector("[data-key-card]");
const key = document.getElementById("api-key");
if (card) {
  card.hidden = false;
  for (const details of document.querySelectorAll("[data-try]")) details.hidden = false;
}

const request = (form) => {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = {};
  let body;
  for (const input of form.querySelectorAll("[data-place]")) {
    const value = input.value;
    const place = input.dataset.place;
    if (place === "file") {
      body = new FormData();
      body.append("file", input.files[0]);
    } else if (place === "body") {
      headers["Content-Type"] = "application/json";
      body = value;
    } else if (place === "path") {
      path = path.replace(`{${input.name}}`, encodeURIComponent(value.trim()));
    } else if (value && place === "query") {
      query.set(input.name, value);
    } else if (value && place === "header") {
      headers[input.name] = value;
    }
  }
  const address = query.size ? `${path}?${query}` : path;
  return [address, { method: form.dataset.method, headers, body }];
};

const shown = async (response, form) => {
  const type = response.headers.get("Content-Type") || "";
  if (form.hasAttribute("data-download") && response.ok) {
    const link = form.querySelector("output a");
    if (link.href) URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(await response.blob());
    const named = /filename\*=UTF-8''(.*)$/.exec(response.headers.get("Content-Disposition") || "");
    link.download = named ? decodeURIComponent(named[1]) : "file";
    link.hidden = false;
    return type;
  }
  const text = await response.text();
  return type.includes("json") ? JSON.stringify(JSON.parse(text), null, 2) : text;
};

const send = async (form) => {
  const output = form.querySelector("output");
  const status = output.querySelector(".api-status");
  const text = output.querySelector("pre");
  output.hidden = false;
  output.querySelector("a").hidden = true;
  if (!key.value.trim()) {
    status.textContent = "Paste the secret of a key first, at the top of this page.";
    text.hidden = true;
    key.focus();
    return;
  }
  status.textContent = "Sending…";
  try {
    const [address, options] = request(form);
    options.headers.Authorization = `Bearer ${key.value.trim()}`;
    const response = await fetch(address, { ...options, credentials: "omit", cache: "no-store" });
    const told = ["ETag", "Location", "RateLimit-Remaining", "Billhook-Version"]
      .filter((name) => response.headers.get(name))
      .map((name) => `${name}: ${response.headers.get(name)}`);
    status.textContent = `${response.status} ${response.statusText}`;
    const body = await shown(response, form);
    text.textContent = [...told, "", body].join("\n").trim();
    text.hidden = false;
  } catch (error) {
    status.textContent = `It was not sent: ${error.message}`;
    text.hidden = true;
  }
};

for (const form of document.querySelectorAll(".api-try")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
