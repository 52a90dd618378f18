// Keeps the phones up to date without loading the page again. Everything works without it.

const cards = document.getElementById("cards");
const news = document.getElementById("news");
const problem = document.getElementById("problem");
const EVERY_MS = 1000;

let clockDifference = 0;

function showProblem(text) {
  problem.textContent = text;
  problem.hidden = !text;
}

function announce(text) {
  news.textContent = text;
}

// Where the keyboard is, and which fold-outs are open, must survive the exchange of a card.
function remember(card) {
  const focused = card.contains(document.activeElement) ? document.activeElement : null;
  const folds = [...card.querySelectorAll("details")].map((one) => [one.dataset.key, one.open]);
  const typed = [...card.querySelectorAll("input[data-key]")].map((one) => [one.dataset.key, one.value]);
  return { key: focused && focused.dataset.key, folds, typed, hadFocus: Boolean(focused) };
}

function find(card, key) {
  return [...card.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
}

function restore(card, before, news) {
  before.folds.forEach(([key, open]) => {
    const fold = find(card, key);
    if (fold) fold.open = open || (news && fold.open);
  });
  before.typed.forEach(([key, value]) => {
    const field = find(card, key);
    if (field) field.value = value;
  });
  if (!before.hadFocus) return;
  const same = before.key && find(card, before.key);
  (same || card.querySelector("button") || card).focus({ preventScroll: true });
}

function exchange(old, fresh) {
  if (old.dataset.version === fresh.dataset.version) return;
  const before = remember(old);
  const changed = old.dataset.news !== fresh.dataset.news;
  old.replaceWith(fresh);
  restore(fresh, before, changed);
  if (changed) announce(fresh.dataset.news);
}

function show(html) {
  const fresh = document.createElement("div");
  fresh.innerHTML = html;
  const oldGrid = cards.querySelector(".grid");
  const grid = fresh.querySelector(".grid");
  const phones = [...grid.querySelectorAll(".phone")];
  const shown = [...oldGrid.querySelectorAll(".phone")];
  const sameOrder = phones.length === shown.length && phones.every((one, n) => one.id === shown[n].id);
  oldGrid.dataset.now = grid.dataset.now;
  if (sameOrder) {
    phones.forEach((one, n) => exchange(shown[n], one));
  } else {
    const kept = shown.map((one) => [one.id, remember(one)]);
    const known = new Set(shown.map((one) => one.id));
    cards.replaceChildren(...fresh.childNodes);
    kept.forEach(([id, before]) => {
      const card = document.getElementById(id);
      if (card) restore(card, before, true);
    });
    phones.filter((one) => !known.has(one.id)).forEach((one) => announce(one.dataset.news));
  }
  clockDifference = Number(grid.dataset.now) - Date.now();
  tick();
}

function tick() {
  const scale = Number(cards.querySelector(".grid").dataset.scale);
  document.querySelectorAll("[data-since]").forEach((one) => {
    const real = Date.now() + clockDifference - Number(one.dataset.since);
    const seconds = Math.max(0, Math.round((real * scale) / 1000));
    const padded = String(seconds % 60).padStart(2, "0");
    one.textContent = `${Math.floor(seconds / 60)}:${padded}`;
  });
}

async function refresh() {
  try {
    const answer = await fetch("/cards", { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.text());
    if (problem.dataset.lost) {
      delete problem.dataset.lost;
      showProblem("");
    }
  } catch {
    problem.dataset.lost = "yes";
    showProblem("The simulated network is not responding. Trying again.");
  }
}

async function loop() {
  if (!document.hidden) await refresh();
  setTimeout(loop, EVERY_MS);
}

document.addEventListener("submit", async (event) => {
  if (!cards.contains(event.target)) return;
  event.preventDefault();
  const answer = await fetch(event.target.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(event.target)),
    headers: { "X-Requested-With": "fetch" },
  });
  showProblem(answer.status === 409 ? `Not possible: ${await answer.text()}.` : "");
  if (answer.ok) event.target.reset();
  await refresh();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});

clockDifference = Number(cards.querySelector(".grid").dataset.now) - Date.now();
tick();
loop();
setInterval(tick, EVERY_MS);
