/* Improves pages that work without it. Each part stands alone: when one fails, the others still work.
   Browsers from Chrome 64, Safari 12 and Firefox 62 on must understand every line (docs/visitors.md). */

/* Exit this page. Only methods that every browser has, and the link itself works until leaving has begun. */
(function () {
  "use strict";
  var PRESSES = 3;
  var GAP_MS = 5000;

  /* Empty what was typed and chosen, also what the server had put back into the page. */
  function forget() {
    var fields = document.querySelectorAll(
      "form[data-forget] input, form[data-forget] select, form[data-forget] textarea"
    );
    for (var i = 0; i < fields.length; i += 1) {
      if (fields[i].type === "radio" || fields[i].type === "checkbox") fields[i].checked = false;
      else fields[i].value = "";
    }
  }

  function blank() {
    var page = document.documentElement;
    page.style.display = "none";
    try {
      forget();
      document.title = "";
    } finally {
      while (page.firstChild) page.removeChild(page.firstChild);
    }
  }

  /* The browser paints only after this has run, so the screen is blank before any answer can come. */
  function leave(event) {
    var link = document.querySelector("[data-exit]");
    if (!link) return;
    var begun = false;
    try {
      location.replace(link.href);
      begun = true;
    } finally {
      if (begun && event) event.preventDefault();
      blank();
    }
  }

  function exit_link(node) {
    while (node && node !== document) {
      if (node.getAttribute && node.getAttribute("data-exit") !== null) return node;
      node = node.parentNode;
    }
    return null;
  }

  document.addEventListener("click", function (event) {
    if (exit_link(event.target)) leave(event);
  }, true);

  /* Shift three times. Shift held for a capital, or during a click, never counts. */
  var presses = 0;
  var alone = false;
  var timer;
  function say(name) {
    try {
      var note = document.querySelector(".exit-note");
      note.textContent = name ? note.getAttribute(name) : "";
    } catch (problem) { /* The count goes on without it. */ }
  }
  function start_again() {
    presses = 0;
    clearTimeout(timer);
    say("");
  }
  function is_shift(event) {
    return event.key === "Shift" || event.keyCode === 16;
  }
  function not_alone() { alone = false; }

  addEventListener("keydown", function (event) {
    if (is_shift(event)) {
      if (!event.repeat) alone = !(event.ctrlKey || event.altKey || event.metaKey);
    } else {
      not_alone();
      start_again();
    }
  }, true);
  addEventListener("mousedown", not_alone, true);
  addEventListener("touchstart", not_alone, true);
  addEventListener("blur", start_again);
  addEventListener("keyup", function (event) {
    if (!is_shift(event) || !alone) return;
    alone = false;
    presses += 1;
    if (presses === PRESSES) {
      leave(null);
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(start_again, GAP_MS);
    say(presses === 1 ? "data-two-more" : "data-one-more");
  }, true);

  /* No page that the browser keeps in memory holds what was typed. Coming back to one asks for it
     again, and says that it was reached by Back: the answer may have to leave again. */
  addEventListener("pagehide", forget);
  addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    document.documentElement.style.display = "none";
    history.replaceState({ back: true }, "");
    location.reload();
  });
})();

/* The history of the tab holds one page of the helpline: a link or a form replaces the page it is on. */
(function () {
  "use strict";
  var PATIENCE_MS = 20000;
  var pressed = null;

  function closest(node, selector) {
    return node && node.closest ? node.closest(selector) : null;
  }

  function say(form, words, kind) {
    var old = form.querySelector(".send-note");
    if (old) old.parentNode.removeChild(old);
    if (!words) return;
    var note = document.createElement("p");
    note.className = "send-note " + kind;
    note.setAttribute("role", kind === "notice" ? "alert" : "status");
    note.textContent = words;
    form.appendChild(note);
  }

  function show(html, address) {
    var page = new DOMParser().parseFromString(html, "text/html");
    if (!page.querySelector("main")) throw new Error("not a page of ours");
    var root = document.documentElement;
    document.title = page.title;
    root.lang = page.documentElement.lang;
    root.dir = page.documentElement.dir;
    root.replaceChild(document.adoptNode(page.body), document.body);
    history.replaceState(null, "", address);
    scrollTo(0, 0);
    arrive();
    if (document.activeElement === document.body) document.getElementById("main").focus();
  }

  /* What the browser would send, with the button that was pressed. */
  function content_of(form, button) {
    var fields = new URLSearchParams(new FormData(form));
    if (button && button.name) fields.append(button.name, button.value);
    return fields;
  }

  function send(form, button, address) {
    var words = document.querySelector(".exit-note");
    var answered = false;
    /* The next press then sends the form in the browser's own way; asking twice is asking once. */
    function not_sent() {
      if (answered) return;
      form.setAttribute("data-native", "");
      form.removeAttribute("aria-busy");
      say(form, words.getAttribute("data-not-sent"), "notice");
    }
    form.setAttribute("aria-busy", "true");
    say(form, words.getAttribute("data-sending"), "hint");
    setTimeout(not_sent, PATIENCE_MS);
    fetch(address, {
      method: "POST",
      body: content_of(form, button).toString(),
      headers: { "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", Accept: "text/html" },
      credentials: "same-origin",
      cache: "no-store",
    }).then(function (answer) {
      return answer.text().then(function (html) {
        if (!document.body || !document.body.contains(form)) return;
        answered = true;
        show(html, answer.url);
      });
    }).catch(function () {
      answered = false;
      not_sent();
    });
  }

  document.addEventListener("click", function (event) {
    pressed = closest(event.target, "button");
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    var link = closest(event.target, "a[href]");
    if (!link || link.target || link.origin !== location.origin) return;
    location.replace(link.href);
    event.preventDefault();
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    var button = pressed && pressed.form === form ? pressed : null;
    pressed = null;
    if (form.hasAttribute("data-native")) return;
    if (form.getAttribute("aria-busy")) {
      event.preventDefault();
      return;
    }
    var address = button && button.hasAttribute("formaction") ? button.formAction : form.action;
    if (form.method === "get") location.replace(address + "?" + content_of(form, button));
    else send(form, button, address);
    event.preventDefault();
  });

  /* The page of a request keeps itself fresh while it waits, unless somebody is busy in it. */
  var timer;
  function refresh() {
    var old = document.querySelector("[data-live]");
    if (!old || !old.dataset.refresh) return;
    var busy = document.hidden || old.querySelector("details[open]") || old.contains(document.activeElement);
    var asked = busy ? Promise.resolve() : fetch(location.href, { cache: "no-store", credentials: "omit" })
      .then(function (answer) {
        return answer.text().then(function (html) {
          var fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-live]");
          if (!answer.ok || !fresh || fresh.textContent === old.textContent || !old.parentNode) return;
          old.parentNode.replaceChild(fresh, old);
        });
      });
    function again() { wait(old); }
    asked.then(again, again);
  }
  function wait(waiting) {
    clearTimeout(timer);
    if (waiting) timer = setTimeout(refresh, waiting.dataset.refresh * 1000);
  }

  /* After an error the reader is taken to what was wrong. The address of a form that was sent is that
     of the first page: a reload sends nothing twice. */
  function arrive() {
    var sent = document.querySelector("[data-address]");
    if (sent) history.replaceState(history.state, "", sent.dataset.address);
    var summary = document.getElementById("error-summary");
    if (summary) summary.focus();
    wait(document.querySelector("[data-refresh]"));
  }

  if (history.state && history.state.back) history.replaceState(null, "");
  arrive();
})();
