// Begins: the rail with the experiments, the theme, keys, and the view that belongs to the address.

import { api } from "./lib/api.js";
import { copyLink, showKeys } from "./lib/dialog.js";
import { $, button, h, icon, set } from "./lib/dom.js";
import { live, onSign, stop } from "./lib/live.js";
import { failure, loading, named } from "./lib/page.js";
import { go, here, onMove, recall, remember, to, viewState } from "./lib/place.js";

// The scripts that have views. The document names the one that its address needs; the others are loaded when one goes there.
const SCRIPTS = {
  tables: () => import("./tables.js"), boards: () => import("./boards.js"), compare: () => import("./compare.js"), registry: () => import("./registry.js"),
};
const views = {};

const main = $("#main");
const rail = $("#rail");
// How many experiments the rail names; the first page has all.
const IN_RAIL = 30;

// Theme

const dark = matchMedia("(prefers-color-scheme: dark)");
function applyTheme() {
  const chosen = recall("theme", "system");
  document.documentElement.dataset.theme = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
}
dark.addEventListener("change", applyTheme);
applyTheme();

function switchTheme() {
  const isDark = document.documentElement.dataset.theme === "dark";
  const wanted = isDark ? "light" : "dark";
  remember("theme", (wanted === "dark") === dark.matches ? null : wanted);
  applyTheme();
}

// Experiments, asked for once and again when they are older than a moment

let known = { at: 0, list: [], more: false };
let asked = null;
async function experiments() {
  if (Date.now() - known.at < 15_000) return known.list;
  asked ??= api.experiments().finally(() => { asked = null; });
  const json = await asked;
  known = { at: Date.now(), list: json.experiments ?? [], more: Boolean(json.next_page_token) };
  return known.list;
}

let sign = "idle";
let why = "";
onSign((state, text) => {
  if (state === sign && text === why) return;
  sign = state;
  why = text ?? "";
  showSign();
});
function showSign() {
  const words = { live: "Live", idle: "Up to date", lost: "No connection" };
  const element = $("#sign");
  if (!element) return;
  element.className = `live ${sign}`;
  element.title = sign === "live" ? "Runs are going on: this page follows them" : why;
  set(element, words[sign]);
}

function drawRail(current) {
  const shown = known.list.slice(0, IN_RAIL);
  const here_ = known.list.find((one) => one.experiment_id === current);
  if (here_ && !shown.includes(here_)) shown.push(here_);
  const mark = JSON.stringify([current, shown.map((one) => [one.experiment_id, one.name]), known.list.length]);
  if (rail.dataset.mark === mark) return;
  rail.dataset.mark = mark;
  set(rail,
    h("a", { class: "brand", href: to.home(), "aria-label": "Roost, all experiments" }, icon("roost", null, 22), h("span", {}, "Roost")),
    h("div", { class: "navs" }, h("h2", {}, "Experiments"), shown.map((one) => h("a", { class: "nav", href: to.experiment(one.experiment_id), "aria-current": one.experiment_id === current ? "page" : null, title: one.name },
      h("span", { dir: "auto" }, one.name))),
    (known.list.length > shown.length || known.more) && h("a", { class: "nav all", href: to.home() }, h("span", {}, `All ${known.list.length}${known.more ? "+" : ""}`)),
    h("a", { class: "nav models", href: to.models(), "aria-current": current === "models" ? "page" : null }, icon("models"), h("span", {}, "Models"))),
    h("div", { class: "railfoot" }, h("span", { id: "sign", class: "live idle" }, "Up to date"),
      button(icon("help"), showKeys, { class: "btn icon", "aria-label": "Keys", title: "Keys (?)" }),
      button(icon("theme"), switchTheme, { class: "btn icon", "aria-label": "Light or dark", title: "Light or dark" })));
  showSign();
  rail.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

// The view of an address

/** The name of the view, the script that has it, and what it is called with. */
function viewOf([first, second, third]) {
  if (!first || first === "ui") return ["experimentsView", "tables"];
  if (first === "e" && second) return third === "dashboard" ? ["dashboardView", "boards", second] : ["runsView", "tables", second];
  if (first === "runs" && second) return ["runView", "boards", second];
  if (first === "compare") return ["compareView", "compare"];
  if (first === "models" && third) return ["versionView", "registry", second, third];
  if (first === "models") return second ? ["modelView", "registry", second] : ["modelsView", "registry"];
  throw Object.assign(new Error("There is no page at this address."), { status: 404 });
}

async function load(name, script) {
  if (!views[name]) {
    await SCRIPTS[script]().catch(() => {
      // A script that did not come once does not come again before the page is loaded anew.
      throw Object.assign(new Error("A part of these pages could not be loaded: the server does not answer."), { status: 0, again: () => location.reload() });
    });
  }
  return views[name];
}

let leave = [];
let keyListener = null;
let turn = 0;

async function draw(isMove = true) {
  turn += 1;
  const mine = turn;
  stop();
  for (const one of leave) one();
  leave = [];
  keyListener = null;
  viewState(null);
  const { parts, query } = here();
  const page = {
    main: h("div", { class: "view" }), query,
    experiment: async (id) => {
      const found = (await experiments()).find((one) => one.experiment_id === id) ?? (await api.experiment(id));
      if (mine === turn) {
        rail.dataset.current = id;
        drawRail(id);
      }
      return found;
    },
    experiments, forgetExperiments: () => { known.at = 0; },
    onLeave: (listener) => { if (mine === turn) leave.push(listener); else listener(); },
    onKey: (listener) => { keyListener = listener; },
    redraw: () => draw(false),
    /** Says what went wrong in place of the view; a server that does not answer is asked again until it does. */
    fail: (error) => {
      if (mine !== turn || error.name === "AbortError") return;
      named("Error");
      const again = error.again ?? (() => draw(false));
      set(page.main, failure(error, again));
      if (error.status === 0) live(async () => { await api.experiments(); again(); return { running: true }; });
    },
    isHere: () => mine === turn,
  };
  set(main, page.main);
  const done = loading(page.main);
  const rest = experiments().then(() => { if (mine === turn) drawRail(rail.dataset.current || null); }).catch(() => {});
  try {
    const [first, second] = parts;
    rail.dataset.current = first === "e" ? second ?? "" : first === "models" ? "models" : "";
    drawRail(rail.dataset.current || null);
    const [name, script, ...names] = viewOf(parts);
    const view = await load(name, script);
    if (mine === turn) await view(page, ...names);
  } catch (error) {
    page.fail(error);
  } finally {
    done();
  }
  await rest;
  if (isMove && mine === turn && !page.main.contains(document.activeElement)) main.focus({ preventScroll: true });
}

onMove(() => draw());

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (target.matches?.("input:not([type=checkbox]):not([type=range]), textarea, select") || target.closest?.("dialog")) return;
  if (event.key === "?") showKeys();
  else if (event.key === "g") go(to.home());
  else if (event.key === "l") copyLink();
  else if (!keyListener?.(event.key)) return;
  event.preventDefault();
});

let begun = false;
/** Takes the views of a script; the first script begins. */
export function begin(more) {
  Object.assign(views, more);
  if (begun) return;
  begun = true;
  draw(false);
}
