/* Passkeys: the browser asks the key, and its answer goes the way of every form. */
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;

  const to_bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const to_text = (bytes) =>
    bytes && btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (keys) => (keys || []).map((key) => ({ ...key, id: to_bytes(key.id) }));

  const asked = {
    create: (question) =>
      navigator.credentials.create({
        publicKey: {
          ...question,
          challenge: to_bytes(question.challenge),
          user: { ...question.user, id: to_bytes(question.user.id) },
          excludeCredentials: known(question.excludeCredentials),
        },
      }),
    get: (question) =>
      navigator.credentials.get({
        publicKey: {
          ...question,
          challenge: to_bytes(question.challenge),
          allowCredentials: known(question.allowCredentials),
        },
      }),
  };
  const told = ({ id, rawId, type, response }) => {
    const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const found = parts.filter((part) => response[part]).map((part) => [part, to_text(response[part])]);
    return JSON.stringify({ id, rawId: to_text(rawId), type, response: Object.fromEntries(found) });
  };

  for (const form of document.querySelectorAll("[data-passkey]")) {
    const failed = form.querySelector("[data-failed]");
    form.hidden = false;
    form.closest("[data-passkey-card]")?.removeAttribute("hidden");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      failed.hidden = true;
      try {
        form.elements.answer.value = told(await asked[form.dataset.passkey](JSON.parse(form.dataset.question)));
        form.submit();
      } catch {
        failed.hidden = false;
      }
    });
  }
})();
