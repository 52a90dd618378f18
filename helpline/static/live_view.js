/* Live view: a sound and a count in the title for emergencies and for advisors who need help. */
(() => {
  "use strict";
  const SOUND_ON = "live-view-sound", SEEN = "live-view-alerts";
  const REPEAT_MS = 30_000;
  const TONES = [[880, 0], [660, 0.25], [880, 0.5]];
  const TONE_SECONDS = 0.2;
  const rows = document.getElementById("live-view-rows");
  const button = document.getElementById("sound");
  const title = document.title;
  let is_on = localStorage.getItem(SOUND_ON) === "yes";
  let audio = null;
  let seen = new Set(JSON.parse(sessionStorage.getItem(SEEN) || "[]"));

  const can_play = () => audio !== null && audio.state === "running";
  const show_state = () => {
    button.setAttribute("aria-pressed", String(is_on));
    button.textContent = button.dataset[!is_on ? "off" : can_play() ? "on" : "waits"];
  };
  const play = () => {
    if (!is_on || !can_play()) return;
    for (const [hertz, after] of TONES) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const starts_at = audio.currentTime + after;
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0.3, starts_at);
      volume.gain.exponentialRampToValueAtTime(0.01, starts_at + TONE_SECONDS);
      tone.connect(volume).connect(audio.destination);
      tone.start(starts_at);
      tone.stop(starts_at + TONE_SECONDS);
    }
    button.dataset.played = Number(button.dataset.played || 0) + 1;
  };
  /* Browsers play no sound before the page was clicked or a key was pressed. */
  const wake = async () => {
    if (!is_on || can_play()) return;
    audio = audio || new AudioContext();
    audio.onstatechange = show_state;
    await audio.resume();
    show_state();
    if (alerts().length) play();
  };

  const alerts = () => [...rows.querySelectorAll("[data-alert]")].map((row) => row.dataset.alert);
  const notice_alerts = () => {
    const open = alerts();
    document.title = open.length ? `(${open.length}) ${title}` : title;
    if (open.some((alert) => !seen.has(alert))) play();
    seen = new Set(open);
    sessionStorage.setItem(SEEN, JSON.stringify(open));
  };

  button.hidden = false;
  button.addEventListener("click", async () => {
    is_on = !is_on;
    localStorage.setItem(SOUND_ON, is_on ? "yes" : "no");
    await wake();
    show_state();
    if (!alerts().length) play();
  });
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);
  document.addEventListener("htmx:afterSettle", notice_alerts);
  setInterval(() => { if (rows.querySelector("[data-unanswered]")) play(); }, REPEAT_MS);
  show_state();
  notice_alerts();
})();
