/* Live view: a sound and a count in the title for emergencies and for advisors who need help. */
(() => {
  "use strict";
  const SOUND_ON = "live-view-sound", SEEN = "live-view-alerts";
  const REPEAT_MS = 30_000;
  const TONES = [[880, 0], [660, 0.25], [880, 0.5]];
  const rows = document.getElementById("live-view-rows");
  const title = document.title;
  let seen = new Set(JSON.parse(sessionStorage.getItem(SEEN) || "[]"));

  const alerts = () => [...rows.querySelectorAll("[data-alert]")].map((row) => row.dataset.alert);
  const play = sound_button(document.getElementById("sound"), SOUND_ON, TONES, () => alerts().length > 0);
  const notice_alerts = () => {
    const open = alerts();
    document.title = open.length ? `(${open.length}) ${title}` : title;
    if (open.some((alert) => !seen.has(alert))) play();
    seen = new Set(open);
    sessionStorage.setItem(SEEN, JSON.stringify(open));
  };

  document.addEventListener("htmx:afterSettle", notice_alerts);
  setInterval(() => { if (rows.querySelector("[data-unanswered]")) play(); }, REPEAT_MS);
  notice_alerts();
})();
