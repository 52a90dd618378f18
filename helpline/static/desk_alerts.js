/* Desk: how many wait, in the title and the icon of the tab; a sound and a notification when someone new waits. */
(() => {
  "use strict";
  const SEEN = "desk-newest";
  const TONES = [[660, 0], [880, 0.25]];
  const fold = document.getElementById("alerts");
  const icon = document.querySelector("link[rel=icon]");
  const { title } = document, plain_icon = icon.href;
  const key_of = (kind) => `desk-${kind}-${fold.dataset.account}`;

  const play = sound_button(document.getElementById("sound"), key_of("sound"), TONES, () => false);
  fold.hidden = false;

  /* The browser asks for permission at the first press; only the person can undo a refusal. */
  const button = document.getElementById("notify");
  let is_on = localStorage.getItem(key_of("notify")) === "yes";
  const show_state = () => {
    const is_blocked = Notification.permission === "denied";
    button.setAttribute("aria-pressed", String(is_on && !is_blocked));
    button.textContent = button.dataset[is_blocked ? "blocked" : is_on && Notification.permission === "granted" ? "on" : "off"];
  };
  if ("Notification" in globalThis) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      is_on = (!is_on || Notification.permission === "default") && await Notification.requestPermission() === "granted";
      localStorage.setItem(key_of("notify"), is_on ? "yes" : "no");
      show_state();
    });
    show_state();
  }
  const notify = () => {
    if (!is_on || !("Notification" in globalThis) || Notification.permission !== "granted") return;
    const shown = new Notification(button.dataset.words, { tag: "desk-waiting", renotify: true });
    shown.onclick = () => { window.focus(); shown.close(); };
  };

  const icon_of = (count) => "data:image/svg+xml," + encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="16" fill="#a3261b"/>'
    + '<text x="16" y="23" text-anchor="middle" font-family="sans-serif" font-weight="bold" font-size="20" fill="#fff">'
    + `${count > 9 ? "9+" : count}</text></svg>`);
  let shown_count = 0;
  const show_waiting = () => {
    const queue = document.querySelector("[data-waiting]");
    const count = Number(queue.dataset.waiting), newest = Number(queue.dataset.newest);
    if (count !== shown_count) {
      document.title = count ? `(${count}) ${title}` : title;
      icon.href = count ? icon_of(count) : plain_icon;
      shown_count = count;
    }
    const seen = sessionStorage.getItem(SEEN);
    if (seen !== null && newest > Number(seen) && !document.hasFocus()) {
      play();
      notify();
    }
    sessionStorage.setItem(SEEN, String(Math.max(newest, Number(seen))));
  };
  document.addEventListener("htmx:afterSettle", show_waiting);
  show_waiting();
})();
