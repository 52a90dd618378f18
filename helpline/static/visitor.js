/* Improves pages that work without it: leaving at once, forgetting what was typed, fresh status. */
(() => {
  "use strict";
  const PRESSES = 3;
  const GAP_MS = 5000;
  const exits = document.querySelectorAll("[data-exit]");
  const note = document.querySelector(".exit-note");

  /* What was typed and what was chosen, also what the server had put back into the page. */
  const forget = () => {
    for (const form of document.querySelectorAll("form[data-forget]")) {
      for (const field of form.elements) {
        if (field.type === "radio" || field.type === "checkbox") field.checked = false;
        else if (field.tagName !== "BUTTON") field.value = "";
      }
    }
  };

  /* The screen is blank before the network is asked for anything, and stays so when it stalls. */
  const leave = () => {
    const away = exits[0].href;
    forget();
    document.title = "";
    document.documentElement.replaceChildren();
    location.replace(away);
  };

  for (const exit of exits) {
    exit.addEventListener("click", (event) => {
      event.preventDefault();
      leave();
    });
  }

  /* Shift three times. Shift held for a capital, or while something is clicked, never counts. */
  let presses = 0;
  let alone = false;
  let timer;
  const start_again = () => {
    presses = 0;
    clearTimeout(timer);
    if (note) note.textContent = "";
  };
  addEventListener("keydown", (event) => {
    if (event.key === "Shift") {
      if (!event.repeat) alone = !(event.ctrlKey || event.altKey || event.metaKey);
    } else {
      alone = false;
      start_again();
    }
  }, true);
  addEventListener("pointerdown", () => { alone = false; }, true);
  addEventListener("blur", start_again);
  addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone || !exits.length) return;
    alone = false;
    presses += 1;
    if (presses === PRESSES) return leave();
    clearTimeout(timer);
    timer = setTimeout(start_again, GAP_MS);
    if (note) note.textContent = presses === 1 ? note.dataset.twoMore : note.dataset.oneMore;
  }, true);

  /* After a form was sent here the address is that of the first page: a reload sends nothing twice. */
  const sent = document.querySelector("[data-address]");
  if (sent) history.replaceState(null, "", sent.dataset.address);

  /* What was typed is in no cached page: neither on the way out nor on the way back. */
  addEventListener("pagehide", forget);
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  /* The status page keeps itself fresh while it waits, unless somebody is busy in it. */
  const refresh = async () => {
    const old = document.querySelector("[data-live]");
    if (!old || !old.dataset.refresh) return;
    if (!document.hidden && !old.querySelector("details[open]") && !old.contains(document.activeElement)) {
      try {
        const answer = await fetch(location.href, { cache: "no-store" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector("[data-live]");
        if (answer.ok && fresh && fresh.textContent !== old.textContent) old.replaceWith(fresh);
      } catch { /* the next round tries again */ }
    }
    setTimeout(refresh, old.dataset.refresh * 1000);
  };
  const waiting = document.querySelector("[data-refresh]");
  if (waiting) setTimeout(refresh, waiting.dataset.refresh * 1000);

  /* After an error the reader is taken to what was wrong. */
  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
