// Asks again while something runs: every 2 seconds while things change or somebody is there, ever more seldom up to 30
// seconds when nothing does, and never from a hidden tab.

const QUICK = 2000;
const SLOW = 30_000;
// After a failure.
const AGAIN = 5000;
// How long after the last change or touch the quick pace is kept.
const PATIENCE = 120_000;

let current = null;

/**
 * Polls until the page changes.
 * @param ask asks the server and draws; answers `{ running, changed }`.
 * @param going whether something runs, as far as is known.
 */
export function live(ask, going = false) {
  stop();
  if (going) sign("live");
  const mine = { timer: 0, pause: QUICK, busy: false, stopped: false, alive: Date.now(), wake: null };
  const plan = (ms) => {
    clearTimeout(mine.timer);
    if (!mine.stopped && document.visibilityState === "visible") mine.timer = setTimeout(turn, ms);
  };
  const turn = async () => {
    if (mine.busy || mine.stopped) return;
    mine.busy = true;
    let running = false;
    try {
      const found = await ask();
      running = found.running;
      if (found.changed) mine.alive = Date.now();
      sign(running ? "live" : "idle");
    } catch (error) {
      mine.busy = false;
      if (error.name !== "AbortError") sign("lost", error.message);
      plan(AGAIN);
      return;
    }
    mine.busy = false;
    const isLively = Date.now() - mine.alive < PATIENCE;
    mine.pause = running ? (isLively ? QUICK : Math.min(SLOW, mine.pause * 1.5)) : SLOW;
    plan(mine.pause);
  };
  mine.wake = () => { if (document.visibilityState === "visible") { mine.alive = Date.now(); plan(0); } else clearTimeout(mine.timer); };
  mine.touch = () => { mine.alive = Date.now(); if (mine.pause > QUICK * 2 && !mine.busy && mine.pause !== SLOW) { mine.pause = QUICK; plan(QUICK); } };
  mine.now = () => plan(0);
  document.addEventListener("visibilitychange", mine.wake);
  document.addEventListener("pointerdown", mine.touch);
  document.addEventListener("keydown", mine.touch);
  current = mine;
  plan(QUICK);
  return mine;
}

/** Ends the polling of the page that was shown. */
export function stop() {
  if (!current) return;
  current.stopped = true;
  clearTimeout(current.timer);
  document.removeEventListener("visibilitychange", current.wake);
  document.removeEventListener("pointerdown", current.touch);
  document.removeEventListener("keydown", current.touch);
  current = null;
  sign("idle");
}

let show = () => {};
/** Whoever shows the state says so once. */
export const onSign = (listener) => { show = listener; };
function sign(state, why) { show(state, why); }
