// Security keys: fetch what is to be signed, let the browser ask the key, send its answer with the form.

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

function readable(options) {
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  if (options.allowCredentials) read.allowCredentials = known(options.allowCredentials);
  if (options.excludeCredentials) read.excludeCredentials = known(options.excludeCredentials);
  return read;
}

function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: {},
  });
}

async function answer(form) {
  const token = form.querySelector("[name=csrf_token]").value;
  const asked = await fetch(form.dataset.challenge, {
    method: "POST",
    headers: { "X-CSRFToken": token },
    credentials: "same-origin",
  });
  if (!asked.ok) throw new Error(String(asked.status));
  const publicKey = readable(await asked.json());
  const credential =
    form.dataset.securityKey === "create"
      ? await navigator.credentials.create({ publicKey })
      : await navigator.credentials.get({ publicKey });
  return written(credential);
}

for (const form of document.querySelectorAll("form[data-security-key]")) {
  const button = form.querySelector("[data-use-key]");
  const told = form.querySelector("[data-told]");
  if (!button || !window.PublicKeyCredential) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    told.hidden = true;
    button.disabled = true;
    try {
      form.querySelector("[name=answer]").value = await answer(form);
      form.submit();
    } catch {
      told.textContent = form.dataset.failed || "";
      told.hidden = false;
      button.disabled = false;
    }
  });
}
