/* The contact panel on other websites: <helpline-panel>. How to use it: docs/embed.md.
   On any failure the host page is unchanged and the plain link inside the element stays.
   Browsers from Chrome 64, Safari 12 and Firefox 62 on must understand every line (docs/visitors.md). */
((offline) => {
  "use strict";
  const NAME = "helpline-panel";
  const MAX_LINES = 3;
  const FETCH_TIMEOUT_MS = 8000;
  const MAX_TIMER_MS = 2 ** 31 - 1;
  const FIRST_RETRY_MS = 2000;
  const MAX_RETRIES = 8;
  /* Pages of the helpline cannot be shown in a frame, so that links and forms must leave it. */
  const IS_FRAMED = window.top !== window;
  const TARGET = IS_FRAMED ? "_top" : "_self";
  const NARROW = "section{padding:.8em 1em}.number{min-height:2.8em}section>p{line-height:1.4}li small,li:nth-child(n+3){display:none}";
  const DARK = "--card:#1a2425;--ink:#eef3f1;--muted:#a9b7b4;--line:#344244;--accent:#5cc7ba;--on:#0b1f1d;--red:#ff9d93;--red-ground:#3a1714;--done:#7fd69a";
  const CSS = `
:host{all:initial;display:block;box-sizing:border-box;font:medium/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans Devanagari",sans-serif;min-height:30em;container-type:inline-size;color:var(--ink);
--card:#fff;--ink:#1d2b2a;--muted:#53615f;--line:#d9d3c7;--accent:#0f6b62;--on:#fff;--red:#a3261b;--red-ground:#fdecea;--done:#1f6b3a;--focus:#ffbf47}
:host([hidden]){display:none}
@media(prefers-color-scheme:dark){:host(:not([theme=light])){${DARK}}}
:host([theme=dark]){${DARK}}
*{box-sizing:border-box;margin:0;padding:0}
section{display:flex;flex-direction:column;justify-content:space-between;min-height:inherit;padding:1.2em;background:var(--card);border:1px solid var(--line);border-radius:14px;overflow-wrap:break-word;overflow-wrap:anywhere}
section>*{flex:none}
section>*+*{margin-top:.2em}
h2{font-size:1.35em;line-height:1.25;text-wrap:balance}
p,small{color:var(--muted)}
a{color:inherit}
:focus-visible{outline:3px solid var(--focus);box-shadow:0 0 0 5px var(--ink);border-radius:6px}
.number,button{display:block;width:100%;min-height:3.2em;padding:.7em;border:2px solid var(--accent);border-radius:10px;font:inherit;font-weight:650;text-align:center;text-decoration:none;cursor:pointer}
.number,.closed button{background:var(--accent);color:var(--on)}
.number{font-size:1.2em;font-weight:700;min-height:3em}
button{background:none;color:inherit}
.number:hover,button:hover{text-decoration:underline}
.state{color:var(--ink);font-weight:600}
.state::before{content:"";display:inline-block;width:.7em;height:.7em;margin-right:.5em;border:2px solid;border-radius:50%}
[dir=rtl] .state::before{margin:0 0 0 .5em}
.open .state{color:var(--done)}
.open .state::before{background:currentcolor}
.hours::first-letter{text-transform:uppercase}
ul{list-style:none}
li{display:flex;align-items:center;justify-content:space-between;padding:.25em .2em;border-top:1px solid var(--line);line-height:1.25}
li span,li a{margin:0 .4em}
li span{min-width:0}
li small{display:block}
details{font-size:.85em}
details,details *{color:var(--ink)}
details:not([open])>p{display:none}
summary{cursor:pointer}
.more{font-size:.9em}
p.more a{padding-top:0;padding-bottom:0}
li a{padding:.7em 0;font-weight:700;white-space:nowrap}
.danger{background:var(--red-ground);color:var(--red);border-radius:8px;border-color:transparent}
.danger small{color:inherit}
p.danger{padding:.1em .6em}
p a{display:inline-block;padding:.55em 0}
@container(max-width:20em){${NARROW}}
@supports not (container-type:inline-size){@media(max-width:24em){${NARROW}}}`;

  const create = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (tag === "a" || tag === "form") element.target = TARGET;
    element.append(...children.filter(Boolean));
    return element;
  };

  /* Readable text colour on this background: black or white, by relative luminance (WCAG 2). */
  const text_on = (hex) => {
    const [red, green, blue] = [1, 3, 5]
      .map((start) => parseInt(hex.slice(start, start + 2), 16) / 255)
      .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
  };

  const clear = (root) => {
    while (root.firstChild) root.removeChild(root.firstChild);
  };

  /* Apply the styles; true on success. A constructed style sheet works under any CSP of the host.
     Browsers before Chrome 73, Safari 16.4 and Firefox 101 need a style element, which a CSP may block. */
  const apply_styles = (root, css) => {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
      return true;
    } catch (problem) {
      const style = create("style", {}, css);
      root.append(style);
      return Boolean(style.sheet && style.sheet.cssRules.length);
    }
  };

  /* "Call 112" in the word order of the language; offline the verb comes first. */
  const call_label = (line, words, number) => {
    const parts = (line.action || "").split(line.phone);
    if (line.phone && parts.length === 2) return [parts[0], create("bdi", {}, line.phone), parts[1]];
    return line.action ? [line.action] : [`${words.call || ""} `, create("bdi", {}, number)];
  };

  const line_item = (line, words) => {
    const tel = line.tel ? `tel:${line.tel}` : `sms:${line.text_to}${line.text_word ? `?&body=${line.text_word}` : ""}`;
    const number = line.phone || `${line.text_word || ""} ${line.text_to}`;
    return create("li", { class: line.kind === "emergency" ? "danger" : "" },
      create("span", {}, create("b", {}, line.name), line.about && create("small", {}, line.about)),
      create("a", { href: tel }, ...call_label(line, words, number)));
  };

  const first_lines = (lines) => lines.slice(0, MAX_LINES);
  const line_list = (lines, words) => create("ul", {}, ...first_lines(lines).map((line) => line_item(line, words)));

  /* Notes on these lines, collapsed so that the layout does not shift. */
  const line_notes = (lines, words) => {
    const notes = first_lines(lines).filter((line) => line.notes)
      .map((line) => create("p", {}, create("b", {}, line.name), ` ${line.notes}`));
    return notes.length > 0 && create("details", {}, create("summary", {}, words.notes || "?"), ...notes);
  };

  /* Address of the helpline by the script's own; none where an optimiser inlined or bundled it. */
  const script_home = () => {
    const script = [document.currentScript, document.querySelector('script[src*="/embed.js"]')]
      .find((one) => one && /\/embed\.js$/.test(one.src.split(/[?#]/)[0]));
    return script && new URL(".", script.src).href;
  };

  const start = () => {
    if (!window.customElements || customElements.get(NAME)) return;
    const default_home = script_home();

    class Panel extends HTMLElement {
      static get observedAttributes() { return ["region", "lang", "accent", "data-home"]; }

      constructor() {
        super();
        this.rendered = "";
        this.request_count = 0;
        this.retry_count = 0;
        const refresh = () => {
          this.retry_count = 0;
          this.refresh();
        };
        this.listeners = [
          [document, "visibilitychange", () => document.hidden || refresh()],
          [window, "online", refresh],
          [window, "pageshow", (event) => event.persisted && refresh()],
          /* If the host's CSP blocks the form, open the request page without it. */
          [document, "securitypolicyviolation", (event) => {
            if (event.effectiveDirective === "form-action" && this.blocked_url) open(this.blocked_url, TARGET);
          }],
        ];
      }

      connectedCallback() {
        if (!this.shadowRoot) this.attachShadow({ mode: "open" }).append(create("slot", {}));
        for (const [target, name, listener] of this.listeners) target.addEventListener(name, listener);
        this.refresh();
      }

      disconnectedCallback() {
        for (const [target, name, listener] of this.listeners) target.removeEventListener(name, listener);
        clearTimeout(this.timer);
      }

      attributeChangedCallback() {
        if (this.isConnected && this.shadowRoot) this.refresh();
      }

      async refresh() {
        /* Responses may arrive out of order; only that of the latest request counts. */
        this.request_count += 1;
        const request = this.request_count;
        const is_latest = () => request === this.request_count && this.isConnected;
        const region = (this.getAttribute("region") || "").toUpperCase();
        const lang = this.lang || (this.closest("[lang]") || {}).lang || "";
        const offline_lines = offline[region] || offline[""];
        const home = this.getAttribute("data-home") || default_home;
        clearTimeout(this.timer);
        if (!home) {
          console.warn(`<${NAME}>: address of the helpline unknown; set data-home="https://..." on it.`);
          return;
        }
        let timer;
        try {
          const address = new URL("api/v1/availability", home.replace(/\/?$/, "/"));
          if (region) address.searchParams.set("region", region);
          if (lang) address.searchParams.set("lang", lang.split("-")[0]);
          const timeout = new Promise((_, reject) => { timer = setTimeout(reject, FETCH_TIMEOUT_MS); });
          const response = await Promise.race([timeout, fetch(address.href, {
            credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
          })]);
          const availability = await Promise.race([timeout, response.json()]);
          if (!is_latest()) return;
          if (response.ok) {
            this.retry_count = 0;
            this.show(availability);
            return;
          }
          this.fall_back(availability.crisis_numbers || offline_lines);
          if (response.status >= 500 || response.status === 429) this.retry_later();
        } catch (problem) {
          if (!is_latest()) return;
          this.fall_back(offline_lines);
          this.retry_later();
        } finally {
          clearTimeout(timer);
        }
      }

      /* Waits are doubled and random, so that all readers do not come back to a restart at once. */
      retry_later() {
        if (this.retry_count >= MAX_RETRIES) return;
        const delay_ms = FIRST_RETRY_MS * 2 ** this.retry_count * (0.5 + Math.random());
        this.retry_count += 1;
        this.timer = setTimeout(() => this.refresh(), delay_ms);
      }

      show(availability) {
        const words = availability.words;
        const delay_ms = Date.parse(availability.ask_again_at) - Date.parse(availability.now);
        if (delay_ms >= 0) this.timer = setTimeout(() => this.refresh(), Math.min(delay_ms + 1000, MAX_TIMER_MS));
        const state = create("p", { class: "state" }, words.state);
        const button = availability.accepting && this.request_form(availability);
        this.render(availability, availability.open
          ? [
            create("h2", {}, words.heading),
            create("p", {}, words.advisor),
            create("a", { class: "number", href: `tel:${availability.number.tel}`, "aria-label": words.call_us },
              create("bdi", {}, availability.number.shown)),
            state,
            create("p", { class: "hours" }, `${words.hours}, ${words.zone}`),
            create("p", {}, words.wait || words.nameless),
            button,
            create("p", { class: "danger" }, `${words.danger} `,
              create("a", { href: `tel:${availability.emergency.tel}` }, ...call_label(availability.emergency, words))),
          ]
          : [
            create("h2", {}, words.numbers),
            line_list(availability.crisis_numbers, words),
            line_notes(availability.crisis_numbers, words),
            create("p", { class: "more" }, create("a", { href: availability.crisis_url, rel: "noreferrer" }, words.more), " ",
              create("a", { href: availability.find_a_helpline, rel: "noreferrer" }, words.elsewhere)),
            state,
            button,
          ]);
      }

      /* A POST form keeps the referring page out of URLs and the browser history. The page is read
         when the button is pressed: a site may have changed it without loading. */
      request_form(availability) {
        const page = create("input", { type: "hidden", name: "page" });
        const title = create("input", { type: "hidden", name: "title" });
        const has_topic = this.hasAttribute("topic") && !IS_FRAMED;
        const form = create("form", { method: "post", action: availability.from_page_url },
          has_topic && page, has_topic && title, create("button", {}, availability.words.ask));
        form.addEventListener("submit", () => {
          page.value = location.pathname;
          title.value = document.title;
          this.blocked_url = availability.ask_url;
        });
        return form;
      }

      fall_back(lines) {
        try {
          this.render({ lines }, [create("slot", {}), line_list(lines, {}), line_notes(lines, {})]);
        } catch (problem) {
          this.show_host_content();
        }
      }

      /* Show only the host's own content. */
      show_host_content() {
        clear(this.shadowRoot);
        this.shadowRoot.append(create("slot", {}));
      }

      render(availability, children) {
        const accent = this.getAttribute("accent");
        const rendered = JSON.stringify([availability, accent], (name, value) => (name === "now" ? 0 : value));
        if (rendered === this.rendered) return;
        const root = this.shadowRoot;
        const accent_css = /^#[0-9a-f]{6}$/i.test(accent) ? `:host{--accent:${accent}!important;--on:${text_on(accent)}!important}` : "";
        clear(root);
        if (!apply_styles(root, CSS + accent_css)) {
          this.show_host_content();
          return;
        }
        root.append(create("section", {
          class: availability.open ? "open" : "closed", lang: availability.lang || "", dir: availability.direction || "auto",
          "aria-label": availability.words ? availability.words.heading : "",
        }, ...children));
        this.rendered = rendered;
      }
    }
    customElements.define(NAME, Panel);
  };

  try { start(); } catch (problem) { console.warn(`<${NAME}>`, problem); /* The link inside it stays. */ }
})
