/* Desk: keyboard shortcuts, draft saving, age of the queue, and reload of columns when the call stage changes. */
(() => {
  "use strict";
  const find = (selector) => document.querySelector(selector);
  const typing = (target) =>
    target.isContentEditable || target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");

  /* Keyboard shortcuts: data-key on the button to press; a digit with Shift is the digit, whatever sign it types. */
  const find_by_key = (key) => find(`[data-key="${CSS.escape(key)}"]`);
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.repeat) return;
    if (event.key === "Escape" && event.target.matches("textarea")) event.target.blur();
    if (!event.ctrlKey && typing(event.target)) return;
    const control = find_by_key((event.ctrlKey ? "ctrl+" : "") + event.key.toLowerCase())
      || (event.shiftKey && find_by_key(event.code.replace("Digit", "shift+")));
    if (!control || control.disabled || control.closest("[hidden]")) return;
    event.preventDefault();
    const tab = document.getElementById(control.closest("[data-tab]")?.dataset.tab);
    const fold = control.parentElement.closest("details");
    /* A button that was out of sight is shown first, and pressed the second time. */
    const is_shown = (!tab || tab.checked || !control.matches("button")) && (!fold || fold.open);
    if (tab) tab.checked = true;
    if (fold) fold.open = true;
    if (!is_shown) control.focus();
    else if (control.matches("details")) {
      control.open = !control.open;
      if (control.open) control.querySelector("summary").focus();
    } else {
      control.focus();
      control.click();
    }
  });

  /* Show the emergency checklist at once, even offline; record the emergency in the background. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#emergency-now");
    if (!button) return;
    event.preventDefault();
    /* Without what is typed: that would be a second draft beside the one that is saved. */
    const body = new FormData();
    body.set("csrf_token", button.form.elements.csrf_token.value);
    fetch(button.getAttribute("formaction") || button.form.action, { method: "POST", body, keepalive: true }).then((response) => {
      if (!response.ok) show_connection_lost();
    }, show_connection_lost);
    const panel = document.getElementById("emergency");
    panel.hidden = false;
    panel.open = true;
    if (button.dataset.key) panel.dataset.key = button.dataset.key;
    button.remove();
    panel.querySelector("summary").focus();
  });

  /* Ask for help, or withdraw it, without leaving the page. */
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#help-now, #help-end")) return;
    event.preventDefault();
    const button = document.getElementById("help-end") || event.target.closest("button");
    const form = document.getElementById("help-form");
    const body = new FormData(form);
    if (button.name) body.set(button.name, button.value);
    fetch(form.action, { method: "POST", body, keepalive: true }).then((response) => {
      if (response.ok) find("#live").dispatchEvent(new Event("help-changed"));
      else show_connection_lost();
    }, show_connection_lost);
  });

  /* After a rejected form restore the desk's URL, so that a reload does not submit again. */
  const desk = find("[data-address]");
  if (desk && location.pathname !== desk.dataset.address) history.replaceState(null, "", desk.dataset.address);

  /* Save the draft every few seconds and when the page is left; typing also extends the lease. */
  const SAVE_DELAY_MS = 2000;
  let unsaved = find("form[data-unsaved]") !== null;
  let saving = null;
  let timer = 0;
  const draft_form = () => find("form[data-draft]");
  const show_draft_state = (message) => {
    const state = document.getElementById("draft-state");
    if (state) state.textContent = message;
  };
  const draft_message = (name) => document.getElementById("draft-state")?.dataset[name] || "";
  const refresh_csrf_token = async () => {
    const response = await fetch(desk.dataset.address);
    if (response.redirected || !response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const token = page.querySelector("[name=csrf_token]");
    if (token) document.querySelectorAll("[name=csrf_token]").forEach((field) => { field.value = token.value; });
  };
  const send_draft = async (form, extend_lease, is_overtaking) => {
    const body = new FormData(form);
    if (is_overtaking) body.set("draft_version", Number(body.get("draft_version")) + 1);
    if (extend_lease) body.set("more", "yes");
    const response = await fetch(form.dataset.draft, { method: "POST", body, keepalive: true, headers: { Accept: "application/json" } });
    if (response.redirected || [400, 401, 403].includes(response.status)) {
      show_draft_state(draft_message("signedOut"));
      await refresh_csrf_token();
      return false;
    }
    const draft = await response.json();
    show_draft_state(draft.words);
    if (draft.version) form.querySelector("[name=draft_version]").value = draft.version;
    return response.ok || response.status === 410;
  };
  const save_on_leave = () => {
    const form = draft_form();
    if (!form || !unsaved) return;
    unsaved = false;
    send_draft(form, false, saving !== null).catch(() => {});
  };
  const save_draft = async (extend_lease) => {
    clearTimeout(timer);
    timer = 0;
    while (saving) await saving;
    const form = draft_form();
    if (!form || (!unsaved && !extend_lease)) return true;
    unsaved = false;
    saving = send_draft(form, extend_lease).catch(() => {
      show_draft_state(draft_message("notSaved"));
      return false;
    });
    const is_saved = await saving;
    saving = null;
    if (!is_saved) {
      unsaved = true;
      save_soon();
    }
    return is_saved;
  };
  const save_soon = () => { timer = timer || setTimeout(() => save_draft(false), SAVE_DELAY_MS); };
  const note_change = (event) => {
    if (!event.target.form?.matches("[data-draft]")) return;
    unsaved = true;
    save_soon();
  };
  document.addEventListener("input", note_change);
  document.addEventListener("change", note_change);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save_draft(false); });
  addEventListener("pagehide", save_on_leave);
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    const saves_draft = button && ["save-draft", "keep"].includes(button.id) && (button.form || form).matches("[data-draft]");
    if (saves_draft) {
      event.preventDefault();
      unsaved = true;
      save_draft(button.id === "keep");
    } else if (form.matches("[data-draft]")) {
      unsaved = false;
      clearTimeout(timer);
      if (saving) {
        /* What is submitted has the version of the draft that is on its way. */
        event.preventDefault();
        await saving;
        form.requestSubmit(button);
      }
    } else if (unsaved) {
      event.preventDefault();
      if (await save_draft(false)) form.requestSubmit(button);
    }
  });
  const on_signed_out = () => {
    if (unsaved) show_draft_state(draft_message("signedOut"));
    else location.reload();
  };
  if (unsaved) save_soon();

  /* Count down the last 2 minutes of the lease by the server's clock. */
  const clock_offset_ms = Date.parse(find("[data-now]")?.dataset.now || "") - Date.now() || 0;
  const minutes_and_seconds = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const count_down = () => {
    const countdown = document.getElementById("countdown");
    const ends_at = Date.parse(find("#live [data-ends-at]")?.dataset.endsAt || "");
    if (!countdown) return;
    const seconds = Math.ceil((ends_at - Date.now() - clock_offset_ms) / 1000);
    countdown.hidden = !(seconds >= 0 && seconds <= 120);
    if (!countdown.hidden) countdown.textContent = countdown.dataset.words.replace("{time}", minutes_and_seconds(seconds));
  };
  setInterval(count_down, 1000);

  /* Time on the call, by the server's clock. */
  const show_timer = () => {
    const timer = find("#live [data-since]");
    if (!timer) return;
    timer.textContent = minutes_and_seconds(Math.max(0, Math.floor((Date.now() + clock_offset_ms - Date.parse(timer.dataset.since)) / 1000)));
  };
  setInterval(show_timer, 1000);

  /* Show the age of the queue, and an alert while updates fail. */
  let updated_at = Date.now();
  const updated = document.getElementById("updated");
  const connection_lost = document.getElementById("lost");
  const show_age = () => {
    const seconds = Math.max(0, Math.round((Date.now() - updated_at) / 1000));
    updated.textContent = updated.dataset.words.replace("{n}", seconds);
  };
  setInterval(show_age, 1000);
  const show_connection_lost = () => { connection_lost.hidden = false; };
  document.addEventListener("htmx:sendError", show_connection_lost);
  document.addEventListener("htmx:timeout", show_connection_lost);
  document.addEventListener("htmx:responseError", (event) => {
    if ([401, 403].includes(event.detail.xhr.status)) on_signed_out();
    else show_connection_lost();
  });

  /* Keep the chosen outcome, the open tab and the open sections when the columns are replaced. */
  let open_ids = [];
  let open_tab_id = null;
  let chosen_id = null;
  document.addEventListener("change", (event) => {
    if (event.target.name === "disposition") chosen_id = event.target.id;
  });
  const remember_choices = () => {
    open_ids = [...document.querySelectorAll("#columns details[open]")].map((section) => section.id);
    open_tab_id = find(".tab-choice:checked")?.id;
  };
  const restore_choices = () => {
    for (const id of open_ids) {
      const section = document.getElementById(id);
      if (section) section.open = true;
    }
    const tab = open_tab_id && document.getElementById(open_tab_id);
    if (tab) tab.checked = true;
    const choice = chosen_id && document.getElementById(chosen_id);
    if (choice) choice.checked = true;
    open_ids = [];
  };

  /* Without moveBefore a preserved field loses the focus in a swap, and letters typed then would be shortcuts. */
  let focused = null;
  let selection = [];
  const remember_focus = () => {
    focused = document.activeElement;
    selection = [focused?.selectionStart, focused?.selectionEnd];
  };
  document.addEventListener("htmx:afterSwap", () => {
    if (!focused?.isConnected || document.activeElement !== document.body) return;
    focused.focus({ preventScroll: true });
    if (Number.isInteger(selection[0])) focused.setSelectionRange(...selection);
  });

  /* A redirect to the sign-in page means that the session has ended. Unchanged fragments are not swapped. */
  const last_texts = new Map();
  const etags = new Map();
  const mark_updated = () => {
    updated_at = Date.now();
    connection_lost.hidden = true;
    show_age();
  };
  document.addEventListener("htmx:configRequest", (event) => {
    const etag = etags.get(event.detail.target.id);
    if (etag && event.detail.verb === "get") event.detail.headers["If-None-Match"] = etag;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target, pathInfo } = event.detail;
    if (xhr.responseURL && pathInfo && new URL(xhr.responseURL).pathname !== new URL(pathInfo.finalRequestPath, location.href).pathname) {
      event.detail.shouldSwap = false;
      on_signed_out();
      return;
    }
    if (![200, 304].includes(xhr.status)) return;
    if (target.matches("#queue-rows, #live-view-rows")) mark_updated();
    if (xhr.status === 304) {
      event.detail.shouldSwap = false;
      return;
    }
    if (target.id === "columns") {
      last_texts.delete("live");
      etags.delete("live");
      remember_choices();
    }
    remember_focus();
    etags.set(target.id, xhr.getResponseHeader("ETag"));
    if (last_texts.get(target.id) === xhr.responseText) event.detail.shouldSwap = false;
    last_texts.set(target.id, xhr.responseText);
  });

  /* When the call stage changes reload both columns; hx-preserve keeps the notes being typed. */
  const reload_on_new_stage = () => {
    const live = find("#live [data-stage]");
    const columns = document.getElementById("columns");
    if (live && columns && live.dataset.stage !== columns.dataset.stage) {
      save_draft(false).then((is_saved) => {
        if (is_saved) document.body.dispatchEvent(new Event("stage-changed"));
      });
    }
  };
  const update_claim_button = () => {
    const button = document.getElementById("take-next");
    const queue = find("[data-can-take]");
    if (button && queue) button.disabled = queue.dataset.canTake !== "yes";
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    const target_id = event.detail.target.id;
    show_timer();
    if (target_id === "live") return reload_on_new_stage();
    if (target_id === "columns") restore_choices();
    update_claim_button();
  });

  setTimeout(() => document.getElementById("undo")?.remove(), 30_000);
  show_timer();
  update_claim_button();
  show_age();
  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
