// Copying a secret, and ticking a usual choice of permissions. Without it one selects the text, and ticks by hand.

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    const text = button.querySelector("span");
    const before = text.textContent;
    text.textContent = button.dataset.done;
    setTimeout(() => { text.textContent = before; }, 2000);
  });
}

for (const link of document.querySelectorAll("[data-scopes]")) {
  link.hidden = false;
  link.setAttribute("role", "button");
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const wanted = new Set(link.dataset.scopes.split(" "));
    for (const box of document.querySelectorAll('[name="scopes"]')) box.checked = wanted.has(box.value);
  });
}
