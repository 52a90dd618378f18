/* Passkeys: call WebAuthn and submit the credential in the form. */
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;

  const from_base64url = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
  const to_base64url = (bytes) =>
    bytes && btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const decode_ids = (credentials) => (credentials || []).map((credential) => ({ ...credential, id: from_base64url(credential.id) }));

  const ceremonies = {
    create: (options) =>
      navigator.credentials.create({
        publicKey: {
          ...options,
          challenge: from_base64url(options.challenge),
          user: { ...options.user, id: from_base64url(options.user.id) },
          excludeCredentials: decode_ids(options.excludeCredentials),
        },
      }),
    get: (options) =>
      navigator.credentials.get({
        publicKey: {
          ...options,
          challenge: from_base64url(options.challenge),
          allowCredentials: decode_ids(options.allowCredentials),
        },
      }),
  };
  const to_json = ({ id, rawId, type, response }) => {
    const fields = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const encoded = fields.filter((field) => response[field]).map((field) => [field, to_base64url(response[field])]);
    return JSON.stringify({ id, rawId: to_base64url(rawId), type, response: Object.fromEntries(encoded) });
  };

  for (const form of document.querySelectorAll("[data-passkey]")) {
    const error = form.querySelector("[data-failed]");
    form.hidden = false;
    form.closest("[data-passkey-card]")?.removeAttribute("hidden");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      error.hidden = true;
      try {
        form.elements.answer.value = to_json(await ceremonies[form.dataset.passkey](JSON.parse(form.dataset.question)));
        form.submit();
      } catch {
        error.hidden = false;
      }
    });
  }
})();
