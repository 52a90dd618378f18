/* A button that turns a sound of this page on and off; the browser keeps the choice. */
(() => {
  "use strict";
  const TONE_SECONDS = 0.2;

  /* key: of the choice. tones: [hertz, seconds after the start]. is_due: whether it plays when sound becomes possible. */
  globalThis.sound_button = (button, key, tones, is_due) => {
    let is_on = localStorage.getItem(key) === "yes";
    let audio = null;
    const can_play = () => audio !== null && audio.state === "running";
    const show_state = () => {
      button.setAttribute("aria-pressed", String(is_on));
      button.textContent = button.dataset[!is_on ? "off" : can_play() ? "on" : "waits"];
    };
    const play = () => {
      if (!is_on || !can_play()) return;
      for (const [hertz, after] of tones) {
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
      if (is_due()) play();
    };
    button.hidden = false;
    button.addEventListener("click", async () => {
      is_on = !is_on;
      localStorage.setItem(key, is_on ? "yes" : "no");
      await wake();
      show_state();
      if (!is_due()) play();
    });
    document.addEventListener("pointerdown", wake);
    document.addEventListener("keydown", wake);
    show_state();
    return play;
  };
})();
