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

  /* What is typed is saved every few seconds and on leaving; typing gives more time. */
  const SAVE_AFTER = 2000;
  let unsaved = find("form[data-unsaved]") !== null;
  let saving = null;
  let timer = 0;
  const draft_form = () => find("form[data-draft]");
  const tell = (words) => {
    const state = document.getElementById("draft-state");
    if (state) state.textContent = words;
  };
  const told = (name) => document.getElementById("draft-state")?.dataset[name] || "";
  const fresh_token = async () => {
    const answer = await fetch(own.dataset.address);
    if (answer.redirected || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("[name=csrf_token]");
    if (token) document.querySelectorAll("[name=csrf_token]").forEach((each) => { each.value = token.value; });
  };
  const send = async (form, more, later) => {
    const body = new FormData(form);
    if (later) body.set("draft_version", Number(body.get("draft_version")) + 1);
    if (more) body.set("more", "yes");
    const answer = await fetch(form.dataset.draft, { method: "POST", body, keepalive: true, headers: { Accept: "application/json" } });
    if (answer.redirected || [400, 401, 403].includes(answer.status)) {
      tell(told("signedOut"));
      await fresh_token();
      return false;
    }
    const said = await answer.json();
    tell(said.words);
    if (said.version) form.querySelector("[name=draft_version]").value = said.version;
    return answer.ok || answer.status === 410;
  };
  const leave = () => {
    const form = draft_form();
    if (!form || !unsaved) return;
    unsaved = false;
    send(form, false, saving !== null).catch(() => {});
  };
  const save_draft = async (more) => {
    clearTimeout(timer);
    timer = 0;
    while (saving) await saving;
    const form = draft_form();
    if (!form || (!unsaved && !more)) return true;
    unsaved = false;
    saving = send(form, more).catch(() => {
      tell(told("notSaved"));
      return false;
    });
    const done = await saving;
    saving = null;
    if (!done) {
      unsaved = true;
      save_soon();
    }
    return done;
  };
  const save_soon = () => { timer = timer || setTimeout(() => save_draft(false), SAVE_AFTER); };
  const typed = (event) => {
    if (!event.target.form?.matches("[data-draft]")) return;
    unsaved = true;
    save_soon();
  };
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save_draft(false); });
  addEventListener("pagehide", leave);
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    const stays = button && ["save-draft", "keep"].includes(button.id) && (button.form || form).matches("[data-draft]");
    if (stays) {
      event.preventDefault();
      unsaved = true;
      save_draft(button.id === "keep");
    } else if (form.matches("[data-draft]")) {
      unsaved = false;
      clearTimeout(timer);
    } else if (unsaved) {
      event.preventDefault();
      if (await save_draft(false)) form.requestSubmit(button);
    }
  });
  const signed_out = () => {
    if (unsaved) tell(told("signedOut"));
    else location.reload();
  };
  if (unsaved) save_soon();

  /* The last two minutes are counted down. */
  const ahead = Date.parse(find("[data-now]")?.dataset.now || "") - Date.now() || 0;
  const count_down = () => {
    const shown = document.getElementById("countdown");
    const ends_at = Date.parse(find("#live [data-ends-at]")?.dataset.endsAt || "");
    if (!shown) return;
    const seconds = Math.ceil((ends_at - Date.now() - ahead) / 1000);
    shown.hidden = !(seconds >= 0 && seconds <= 120);
    const minutes = Math.floor(seconds / 60);
    if (!shown.hidden) shown.textContent = shown.dataset.words.replace("{time}", `${minutes}:${String(seconds % 60).padStart(2, "0")}`);
  };
  setInterval(count_down, 1000);

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
    if ([401, 403].includes(event.detail.xhr.status)) signed_out();
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
      signed_out();
      return;
    }
    if (![200, 304].includes(xhr.status)) return;
    if (target.matches("#queue-rows, #live-view-rows")) news();
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
      save_draft(false).then((done) => {
        if (done) document.body.dispatchEvent(new Event("stage-changed"));
      });
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
