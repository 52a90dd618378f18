/* The contact panel on other websites: <helpline-panel>. How to use it: docs/embed.md.
   Whatever goes wrong, the host page is left alone and the plain link inside the element stays.
   Browsers from Chrome 64, Safari 12 and Firefox 62 on must understand every line (docs/visitors.md). */
((offline) => {
  "use strict";
  const NAME = "helpline-panel";
  const MOST_LINES = 3;
  const PATIENCE_MS = 8000;
  const LONGEST_TIMER_MS = 2 ** 31 - 1;
  const NARROW = "section{padding:1em}section>p{line-height:1.4}li small,li:nth-child(n+3){display:none}";
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

  const make = (tag, attributes, ...inside) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside.filter(Boolean));
    return made;
  };

  /* The text on a ground of this colour that can be read: black or white (WCAG 2, relative luminance). */
  const text_on = (hex) => {
    const [red, green, blue] = [1, 3, 5]
      .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
  };

  const clear = (root) => {
    while (root.firstChild) root.removeChild(root.firstChild);
  };

  /* Whether it is dressed. Such a sheet is no inline style: it stands under any policy of the host.
     Browsers before Chrome 73, Safari 16.4 and Firefox 101 need a style element, which a policy may refuse. */
  const dress = (root, css) => {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
      return true;
    } catch (problem) {
      const style = make("style", {}, css);
      root.append(style);
      return Boolean(style.sheet && style.sheet.cssRules.length);
    }
  };

  /* "Call 112" as its language puts it; without our server the word comes first. */
  const action_of = (line, words, number) => {
    const around = (line.action || "").split(line.phone);
    if (line.phone && around.length === 2) return [around[0], make("bdi", {}, line.phone), around[1]];
    return line.action ? [line.action] : [`${words.call || ""} `, make("bdi", {}, number)];
  };

  const line_of = (line, words) => {
    const tel = line.tel ? `tel:${line.tel}` : `sms:${line.text_to}${line.text_word ? `?&body=${line.text_word}` : ""}`;
    const number = line.phone || `${line.text_word || ""} ${line.text_to}`;
    return make("li", { class: line.kind === "emergency" ? "danger" : "" },
      make("span", {}, make("b", {}, line.name), line.about && make("small", {}, line.about)),
      make("a", { href: tel }, ...action_of(line, words, number)));
  };

  const shown_of = (lines) => lines.slice(0, MOST_LINES);
  const lines_of = (lines, words) => make("ul", {}, ...shown_of(lines).map((line) => line_of(line, words)));

  /* What a caller must know of these lines goes with them, folded, so that nothing moves. */
  const notes_of = (lines, words) => {
    const notes = shown_of(lines).filter((line) => line.notes)
      .map((line) => make("p", {}, make("b", {}, line.name), ` ${line.notes}`));
    return notes.length > 0 && make("details", {}, make("summary", {}, words.notes || "?"), ...notes);
  };

  const start = () => {
    const script = document.currentScript || document.querySelector('script[src*="/embed.js"]');
    if (!script || !window.customElements || customElements.get(NAME)) return;
    const home = new URL(".", script.src);

    class Panel extends HTMLElement {
      static get observedAttributes() { return ["region", "lang", "accent"]; }

      constructor() {
        super();
        this.shown = "";
        this.asked = 0;
        const ask = () => this.ask();
        this.heard = [
          [document, "visibilitychange", () => document.hidden || ask()],
          [window, "online", ask],
          [window, "pageshow", (event) => event.persisted && ask()],
          /* A host that does not let its forms lead to us: then by the plain way. */
          [document, "securitypolicyviolation", (event) => {
            if (event.effectiveDirective === "form-action" && this.pressed) location.assign(this.pressed);
          }],
        ];
      }

      connectedCallback() {
        if (!this.shadowRoot) this.attachShadow({ mode: "open" }).append(make("slot", {}));
        for (const [on, name, what] of this.heard) on.addEventListener(name, what);
        this.ask();
      }

      disconnectedCallback() {
        for (const [on, name, what] of this.heard) on.removeEventListener(name, what);
        clearTimeout(this.timer);
      }

      attributeChangedCallback() {
        if (this.isConnected && this.shadowRoot) this.ask();
      }

      async ask() {
        /* Of several questions the newest counts, in whichever order the answers come. */
        this.asked += 1;
        const turn = this.asked;
        const newest = () => turn === this.asked;
        const region = (this.getAttribute("region") || "").toUpperCase();
        const lang = this.lang || (this.closest("[lang]") || {}).lang || "";
        const known = offline[region] || offline[""];
        let timer;
        try {
          const address = new URL("api/v1/availability", home);
          if (region) address.searchParams.set("region", region);
          if (lang) address.searchParams.set("lang", lang.split("-")[0]);
          const too_late = new Promise((_, give_up) => { timer = setTimeout(give_up, PATIENCE_MS); });
          const answer = await Promise.race([too_late, fetch(address.href, {
            credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer",
          })]);
          const told = await Promise.race([too_late, answer.json()]);
          if (!newest()) return;
          if (answer.ok) this.show(told);
          else this.fall_back(told.crisis_numbers || known);
        } catch (problem) {
          if (newest()) this.fall_back(known);
        } finally {
          clearTimeout(timer);
        }
      }

      show(told) {
        const words = told.words;
        const next = Date.parse(told.ask_again_at) - Date.parse(told.now);
        clearTimeout(this.timer);
        if (next >= 0) this.timer = setTimeout(() => this.ask(), Math.min(next + 1000, LONGEST_TIMER_MS));
        const state = make("p", { class: "state" }, words.state);
        const ask = told.accepting && this.button_of(told);
        this.put(told, told.open
          ? [
            make("h2", {}, words.heading),
            make("p", {}, words.advisor),
            make("a", { class: "number", href: `tel:${told.number.tel}`, "aria-label": words.call_us },
              make("bdi", {}, told.number.shown)),
            state,
            make("p", { class: "hours" }, `${words.hours}, ${words.zone}`),
            make("p", {}, words.wait || words.nameless),
            ask,
            make("p", { class: "danger" }, `${words.danger} `,
              make("a", { href: `tel:${told.emergency.tel}` }, ...action_of(told.emergency, words))),
          ]
          : [
            make("h2", {}, words.numbers),
            lines_of(told.crisis_numbers, words),
            notes_of(told.crisis_numbers, words),
            make("p", { class: "more" }, make("a", { href: told.crisis_url, rel: "noreferrer" }, words.more), " ",
              make("a", { href: told.find_a_helpline, rel: "noreferrer" }, words.elsewhere)),
            state,
            ask,
          ]);
      }

      /* By a form, so that the page one comes from stands in no address and no history. */
      button_of(told) {
        const topic = this.hasAttribute("topic") ? { page: location.pathname, title: document.title } : {};
        const form = make("form", { method: "post", action: told.from_page_url },
          ...Object.entries(topic).map(([name, value]) => make("input", { type: "hidden", name, value })),
          make("button", {}, told.words.ask));
        form.addEventListener("submit", () => { this.pressed = told.ask_url; });
        return form;
      }

      fall_back(lines) {
        try {
          this.put({ lines }, [make("slot", {}), lines_of(lines, {}), notes_of(lines, {})]);
        } catch (problem) {
          this.put_link();
        }
      }

      /* What the host put inside, and nothing of ours. */
      put_link() {
        clear(this.shadowRoot);
        this.shadowRoot.append(make("slot", {}));
      }

      put(told, inside) {
        const accent = this.getAttribute("accent");
        const shown = JSON.stringify([told, accent], (name, value) => (name === "now" ? 0 : value));
        if (shown === this.shown) return;
        const root = this.shadowRoot;
        const own = /^#[0-9a-f]{6}$/i.test(accent) ? `:host{--accent:${accent}!important;--on:${text_on(accent)}!important}` : "";
        clear(root);
        if (!dress(root, CSS + own)) {
          this.put_link();
          return;
        }
        root.append(make("section", {
          class: told.open ? "open" : "closed", lang: told.lang || "", dir: told.direction || "auto",
          "aria-label": told.words ? told.words.heading : "",
        }, ...inside));
        this.shown = shown;
      }
    }
    customElements.define(NAME, Panel);
  };

  try { start(); } catch (problem) { /* The link stays. */ }
})
