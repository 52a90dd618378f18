/* Enhances pages that work without JavaScript. Each part is independent: if one fails, the others still work.
   Browsers from Chrome 64, Safari 12 and Firefox 62 on must understand every line (docs/visitors.md). */

/* Quick exit. Uses only universal methods; the plain link works until navigation has started. */
(function () {
  "use strict";
  var SHIFT_PRESSES = 3;
  var MAX_GAP_MS = 5000;

  /* Clear all fields, including values that the server filled in. */
  function clear_forms() {
    var fields = document.querySelectorAll(
      "form[data-forget] input, form[data-forget] select, form[data-forget] textarea"
    );
    for (var i = 0; i < fields.length; i += 1) {
      if (fields[i].type === "radio" || fields[i].type === "checkbox") fields[i].checked = false;
      else fields[i].value = "";
    }
  }

  function blank_page() {
    var page = document.documentElement;
    page.style.display = "none";
    try {
      clear_forms();
      document.title = "";
    } finally {
      while (page.firstChild) page.removeChild(page.firstChild);
    }
  }

  /* The browser paints only after this has run, so the screen is blank before the next page loads. */
  function exit_page(event) {
    var link = document.querySelector("[data-exit]");
    if (!link) return;
    var is_leaving = false;
    try {
      location.replace(link.href);
      is_leaving = true;
    } finally {
      if (is_leaving && event) event.preventDefault();
      blank_page();
    }
  }

  function exit_link_of(node) {
    while (node && node !== document) {
      if (node.getAttribute && node.getAttribute("data-exit") !== null) return node;
      node = node.parentNode;
    }
    return null;
  }

  document.addEventListener("click", function (event) {
    if (exit_link_of(event.target)) exit_page(event);
  }, true);

  /* Shift pressed 3 times. Shift with another key or a click does not count. */
  var presses = 0;
  var is_shift_alone = false;
  var timer;
  function announce(name) {
    try {
      var note = document.querySelector(".exit-note");
      note.textContent = name ? note.getAttribute(name) : "";
    } catch (problem) { /* Counting works without the announcement. */ }
  }
  function reset_presses() {
    presses = 0;
    clearTimeout(timer);
    announce("");
  }
  function is_shift(event) {
    return event.key === "Shift" || event.keyCode === 16;
  }
  function cancel_press() { is_shift_alone = false; }

  addEventListener("keydown", function (event) {
    if (is_shift(event)) {
      if (!event.repeat) is_shift_alone = !(event.ctrlKey || event.altKey || event.metaKey);
    } else {
      cancel_press();
      reset_presses();
    }
  }, true);
  addEventListener("mousedown", cancel_press, true);
  addEventListener("touchstart", cancel_press, true);
  addEventListener("blur", reset_presses);
  addEventListener("keyup", function (event) {
    if (!is_shift(event) || !is_shift_alone) return;
    is_shift_alone = false;
    presses += 1;
    if (presses === SHIFT_PRESSES) {
      exit_page(null);
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(reset_presses, MAX_GAP_MS);
    announce(presses === 1 ? "data-two-more" : "data-one-more");
  }, true);

  /* Pages in the back-forward cache must not hold typed data. On return reload the page, and record
     that it was reached by Back: it may have to exit again. */
  addEventListener("pagehide", clear_forms);
  addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    document.documentElement.style.display = "none";
    history.replaceState({ back: true }, "");
    location.reload();
  });
})();

/* Keep one history entry per tab: links and forms replace the current page. */
(function () {
  "use strict";
  var SEND_TIMEOUT_MS = 20000;
  var submit_button = null;

  function closest(node, selector) {
    return node && node.closest ? node.closest(selector) : null;
  }

  function show_note(form, text, kind) {
    var previous = form.querySelector(".send-note");
    if (previous) previous.parentNode.removeChild(previous);
    if (!text) return;
    var note = document.createElement("p");
    note.className = "send-note " + kind;
    note.setAttribute("role", kind === "notice" ? "alert" : "status");
    note.textContent = text;
    form.appendChild(note);
  }

  function show_page(html, address) {
    var page = new DOMParser().parseFromString(html, "text/html");
    if (!page.querySelector("main")) throw new Error("not a helpline page");
    var root = document.documentElement;
    document.title = page.title;
    root.lang = page.documentElement.lang;
    root.dir = page.documentElement.dir;
    root.replaceChild(document.adoptNode(page.body), document.body);
    history.replaceState(null, "", address);
    scrollTo(0, 0);
    on_page_shown();
    if (document.activeElement === document.body) document.getElementById("main").focus();
  }

  /* The fields that the browser would send, including the submit button. */
  function fields_of(form, button) {
    var fields = new URLSearchParams(new FormData(form));
    if (button && button.name) fields.append(button.name, button.value);
    return fields;
  }

  function submit_form(form, button, address) {
    var messages = document.querySelector(".exit-note");
    var is_answered = false;
    /* The next press submits the form natively. Sending twice creates one request. */
    function on_failure() {
      if (is_answered) return;
      form.setAttribute("data-native", "");
      form.removeAttribute("aria-busy");
      show_note(form, messages.getAttribute("data-not-sent"), "notice");
    }
    form.setAttribute("aria-busy", "true");
    show_note(form, messages.getAttribute("data-sending"), "hint");
    setTimeout(on_failure, SEND_TIMEOUT_MS);
    fetch(address, {
      method: "POST",
      body: fields_of(form, button).toString(),
      headers: { "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", Accept: "text/html" },
      credentials: "same-origin",
      cache: "no-store",
    }).then(function (response) {
      return response.text().then(function (html) {
        if (!document.body || !document.body.contains(form)) return;
        is_answered = true;
        show_page(html, response.url);
      });
    }).catch(function () {
      is_answered = false;
      on_failure();
    });
  }

  document.addEventListener("click", function (event) {
    submit_button = closest(event.target, "button");
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    var link = closest(event.target, "a[href]");
    if (!link || link.target || link.origin !== location.origin) return;
    location.replace(link.href);
    event.preventDefault();
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var button = submit_button && submit_button.form === form ? submit_button : null;
    submit_button = null;
    if (form.hasAttribute("data-native")) return;
    if (form.getAttribute("aria-busy")) {
      event.preventDefault();
      return;
    }
    var address = button && button.hasAttribute("formaction") ? button.formAction : form.action;
    if (form.method === "get") location.replace(address + "?" + fields_of(form, button));
    else submit_form(form, button, address);
    event.preventDefault();
  });

  /* Refresh the status page while the request is open, unless the visitor is using it. */
  var timer;
  function refresh() {
    var current = document.querySelector("[data-live]");
    if (!current || !current.dataset.refresh) return;
    var is_busy = document.hidden || current.querySelector("details[open]") || current.contains(document.activeElement);
    var update = is_busy ? Promise.resolve() : fetch(location.href, { cache: "no-store", credentials: "omit" })
      .then(function (response) {
        return response.text().then(function (html) {
          var fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-live]");
          if (!response.ok || !fresh || fresh.textContent === current.textContent || !current.parentNode) return;
          current.parentNode.replaceChild(fresh, current);
        });
      });
    function schedule_next() { schedule_refresh(current); }
    update.then(schedule_next, schedule_next);
  }
  function schedule_refresh(live_region) {
    clearTimeout(timer);
    if (live_region) timer = setTimeout(refresh, live_region.dataset.refresh * 1000);
  }

  /* Move focus to the error summary. Restore the form page's URL, so that a reload does not submit
     again. */
  function on_page_shown() {
    var form_page = document.querySelector("[data-address]");
    if (form_page) history.replaceState(history.state, "", form_page.dataset.address);
    var summary = document.getElementById("error-summary");
    if (summary) summary.focus();
    schedule_refresh(document.querySelector("[data-refresh]"));
  }

  if (history.state && history.state.back) history.replaceState(null, "");
  on_page_shown();
})();
