// Passkeys are the one thing that needs a script. It shows what waits for it, asks
// the service for options when a button is pressed, lets the browser make or use a
// passkey, and sends the form with the answer in it.
"use strict";
(() => {
  if (!window.PublicKeyCredential) return;
  const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
  const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const list = all => (all || []).map(c => ({ ...c, id: bytes(c.id) }));
  const actions = {
    create: o => navigator.credentials.create({ publicKey: { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: list(o.excludeCredentials) } }),
    get: o => navigator.credentials.get({ publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: list(o.allowCredentials) } }),
  };
  const written = c => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (c.response[name]) response[name] = text(c.response[name]);
    return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, response, clientExtensionResults: {} });
  };
  document.querySelectorAll("form[data-passkey]").forEach(form => {
    const said = form.querySelector("[role=status]");
    form.hidden = false;
    form.addEventListener("submit", async event => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      said.textContent = "";
      try {
        const answer = await fetch(form.dataset.options, { method: "POST", body: new URLSearchParams(new FormData(form)) });
        if (answer.redirected) return location.assign(answer.url);
        if (!answer.ok) throw new Error(String(answer.status));
        const options = await answer.json();
        form.elements.credential.value = written(await actions[form.dataset.passkey](options.publicKey));
        form.submit();
      } catch {
        said.textContent = form.dataset.failed;
      }
    });
  });
})();
