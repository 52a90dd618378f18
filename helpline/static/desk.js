/* The desk's keys, how old what one sees is, and fresh columns when the call has moved on. */
(() => {
  "use strict";
  const KEYS_OFF = "desk-keys-off";
  const find = (selector) => document.querySelector(selector);
  const typing = (target) =>
    target.isContentEditable || target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");

  /* Keys: each stands on the button it presses. They can be turned off. */
  let keys_off = localStorage.getItem(KEYS_OFF) === "yes";
  const show_key_switch = () => {
    const box = document.getElementById("keys-on");
    if (!box) return;
    box.closest("label").hidden = false;
    box.checked = !keys_off;
    box.addEventListener("change", () => {
      keys_off = !box.checked;
      localStorage.setItem(KEYS_OFF, keys_off ? "yes" : "no");
    });
  };

  document.addEventListener("keydown", (event) => {
    if (keys_off || event.ctrlKey || event.altKey || event.metaKey || event.repeat || typing(event.target)) return;
    const wanted = find(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!wanted || wanted.disabled) return;
    event.preventDefault();
    if (wanted.matches("details")) {
      wanted.open = !wanted.open;
      if (wanted.open) wanted.querySelector("summary").focus();
    } else {
      wanted.focus();
      wanted.click();
    }
  });

  /* Emergency: what to do is shown at once, whatever the network does; the deed is noted beside. */
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("#emergency-now");
    if (!pressed) return;
    event.preventDefault();
    const body = new FormData(pressed.form);
    fetch(pressed.getAttribute("formaction") || pressed.form.action, { method: "POST", body, keepalive: true }).then((answer) => {
      if (!answer.ok) is_lost();
    }, is_lost);
    const panel = document.getElementById("emergency");
    panel.hidden = false;
    panel.open = true;
    panel.dataset.key = "e";
    pressed.remove();
    panel.querySelector("summary").focus();
  });

  /* After a form that came back the address is the desk's again: a reload sends nothing twice. */
  const own = find("[data-address]");
  if (own && location.pathname !== own.dataset.address) history.replaceState(null, "", own.dataset.address);

  /* How old the queue on the screen is, and a plain band when nothing new arrives. */
  let fresh_at = Date.now();
  const updated = document.getElementById("updated");
  const lost = document.getElementById("lost");
  const show_age = () => {
    const seconds = Math.max(0, Math.round((Date.now() - fresh_at) / 1000));
    updated.textContent = updated.dataset.words.replace("{n}", seconds);
  };
  setInterval(show_age, 1000);
  const is_lost = () => { lost.hidden = false; };
  document.addEventListener("htmx:sendError", is_lost);
  document.addEventListener("htmx:timeout", is_lost);
  document.addEventListener("htmx:responseError", (event) => {
    if ([401, 403].includes(event.detail.xhr.status)) location.reload();
    else is_lost();
  });

  /* What the advisor chose or opened stays as they left it when the columns come afresh. */
  let kept = [];
  let chosen = null;
  document.addEventListener("change", (event) => {
    if (event.target.name === "disposition") chosen = event.target.id;
  });
  const keep_choices = () => {
    kept = [...document.querySelectorAll("#columns details[open]")].map((each) => each.id);
  };
  const restore_choices = () => {
    for (const id of kept) {
      const each = document.getElementById(id);
      if (each) each.open = true;
    }
    const choice = chosen && document.getElementById(chosen);
    if (choice) choice.checked = true;
    kept = [];
  };

  /* What arrives: a page of sign-in means that the session is over; the same again changes nothing. */
  const last = new Map();
  const tags = new Map();
  const news = () => {
    fresh_at = Date.now();
    lost.hidden = true;
    show_age();
  };
  document.addEventListener("htmx:configRequest", (event) => {
    const tag = tags.get(event.detail.target.id);
    if (tag && event.detail.verb === "get") event.detail.headers["If-None-Match"] = tag;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target, pathInfo } = event.detail;
    if (xhr.responseURL && pathInfo && new URL(xhr.responseURL).pathname !== new URL(pathInfo.finalRequestPath, location.href).pathname) {
      event.detail.shouldSwap = false;
      location.reload();
      return;
    }
    if (![200, 304].includes(xhr.status)) return;
    if (target.matches("#queue-rows, #floor-rows")) news();
    if (xhr.status === 304) {
      event.detail.shouldSwap = false;
      return;
    }
    if (target.id === "columns") {
      last.delete("live");
      tags.delete("live");
      keep_choices();
    }
    tags.set(target.id, xhr.getResponseHeader("ETag"));
    if (last.get(target.id) === xhr.responseText) event.detail.shouldSwap = false;
    last.set(target.id, xhr.responseText);
  });

  /* The call moved on: both columns come afresh; htmx keeps the notes that are being typed. */
  const compare = () => {
    const live = find("#live [data-stage]");
    const columns = document.getElementById("columns");
    if (live && columns && live.dataset.stage !== columns.dataset.stage) {
      document.body.dispatchEvent(new Event("stage-changed"));
    }
  };
  const allow_taking = () => {
    const take = document.getElementById("take-next");
    const queue = find("[data-can-take]");
    if (take && queue) take.disabled = queue.dataset.canTake !== "yes";
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    const swapped = event.detail.target.id;
    if (swapped === "live") return compare();
    if (swapped === "columns") {
      restore_choices();
      show_key_switch();
    }
    allow_taking();
  });

  show_key_switch();
  allow_taking();
  show_age();
  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
