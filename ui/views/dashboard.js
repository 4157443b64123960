// The dashboard of an experiment: of a parent's children, of the selection, or of the newest runs.

import { api, key } from "../lib/api.js";
import { toast } from "../lib/dialog.js";
import { h, set } from "../lib/dom.js";
import { lineNumber } from "../lib/format.js";
import { live } from "../lib/live.js";
import { emptyState, experimentTabs, named, pageHead, quickStart } from "../lib/page.js";
import { note, viewState } from "../lib/place.js";
import { Board } from "./board.js";

// So many runs are drawn; the server's roll-up counts all of them.
export const MOST = 1000;
// The first page is small, for it is waited for; the others come while one reads.
const FIRST = 30;
const PAGE = 200;
// So many runs are looked at for parents, and offered before one looks at the choice.
const TOPS = 40;
const CHOICE = 200;
// Of a run that is only named.
const NAMED = ["mlflow.parentRunId"];

// Where the runs of a board come from: `(from, max)` answers a page of them and where the next one begins, if there is one.
const children = (run) => (from, max) =>
  api.runs({ experiments: [run.experiment], parent: run.id, order: ["attributes.start_time ASC"], max, token: from });
const chosen = (ids) => async (from, max) => {
  const to = (from ?? 0) + max;
  return { runs: await api.runsById(ids.slice(from ?? 0, to)), next: to < ids.length ? to : null };
};
const newest = (id) => (from, max) => api.runs({ experiments: [id], top: true, max, token: from });

/** The children of a run in the order in which they began, and what they come to: as many as `max`, or the first few. */
export async function childrenOf(run, known, max = FIRST) {
  const pages = children(run);
  const [page, summary] = await Promise.all([pages(null, max), known ?? api.summary(run.id)]);
  return { ...page, pages, summary, all: Math.max(summary.children, page.runs.length) };
}

/** A board of what a first page has, which gains the others. `parent` is the run whose children they are, if they are. */
export function makeBoard(host, data, options, isHere, parent) {
  const board = new Board(host, { ...data, ...options, isLoading: Boolean(data.next) });
  fill(board, data, isHere, parent).catch((error) => toast(error.message, true));
  return board;
}

/** Gives a board its further runs, page by page. `data` is what it began with; `isHere` says whether it is still wanted. */
export async function fill(board, { pages, next }, isHere, parent) {
  // What is there is painted first.
  await new Promise(requestAnimationFrame);
  for (let from = next; from && board.runs.length < MOST && isHere();) {
    const page = await pages(from, Math.min(PAGE, MOST - board.runs.length));
    if (!isHere()) return;
    from = page.next;
    const isMore = Boolean(from) && board.runs.length + page.runs.length < MOST;
    board.update({ ...board.data, runs: [...board.runs, ...page.runs.filter((run) => !board.byID.has(run.id))], isLoading: isMore });
  }
  if (!parent || !isHere()) return;
  // The slowest and the dearest of all are shown, even if they are not among those that are drawn.
  const most = await Promise.all(board.missing.map(async (metric) => {
    const found = await api.runs({ experiments: [parent.experiment], parent: parent.id, order: [`${key("metrics", metric)} DESC`], max: 1 });
    return [metric, found.runs[0]];
  }));
  if (most.length && isHere()) board.update({ ...board.data, runs: board.runs, most: new Map(most.filter(([, run]) => run)) });
}

export const nounOf = (runs) => (runs.length && runs.every((run) => lineNumber(run) != null) ? "line" : "run");

export async function dashboardView(page, id) {
  const experiment = await page.experiment(id);
  named(`${experiment.name}, dashboard`);
  const ids = (page.query.get("runs") ?? "").split(",").filter(Boolean);
  const parentsAmong = async (max) => (await api.runs({ experiments: [id], top: true, keys: NAMED, max })).runs.filter((run) => run.below.children > 0);
  const parents = ids.length ? [] : await parentsAmong(TOPS);
  const wanted = page.query.get("parent");
  const parent = wanted === "none" ? null : wanted ? parents.find((run) => run.id === wanted) ?? (await api.run(wanted)) : parents[0];

  const scroll = h("div", { class: "scroll" });
  const option = (run) => h("option", { value: run.id, selected: run.id === parent?.id }, run.below ? `${run.name} (${run.below.children})` : run.name);
  // Older parents are asked for when one is about to choose.
  const offer = async () => {
    select.onpointerenter = select.onfocus = null;
    if (parents.length) for (const run of await parentsAmong(CHOICE).catch(() => [])) if (![...select.options].some((one) => one.value === run.id)) select.append(option(run));
  };
  const select = h("select", { class: "btn", id: "parent", "aria-label": "Parent run", on: { change: (event) => { note({ parent: event.target.value }); page.redraw(); } } },
    parents.map(option), parent && !parents.some((run) => run.id === parent.id) && option(parent));
  select.onpointerenter = select.onfocus = offer;
  const choice = parents.length > 0 && h("label", { class: "choice" }, h("span", { class: "mut" }, "Children of "), select);
  set(page.main, pageHead({ title: experiment.name, tabs: experimentTabs(id, "dashboard"), actions: choice || null }), scroll);

  const fetch = async (max, known) => {
    if (parent && !ids.length) return childrenOf(parent, known, max);
    const pages = ids.length ? chosen(ids) : newest(id);
    const page = await pages(null, max);
    return { ...page, pages, ...(ids.length && page.next && { all: ids.length }) };
  };
  const first = await fetch(FIRST, parent?.below.metrics && parent.below);
  if (!first.runs.length) {
    set(scroll, parent ? emptyState("No children yet", `${parent.name} has none.`) : emptyState("No runs yet", "Three lines bring the first one here:", quickStart(experiment.name)));
  }
  const of = ids.length ? null : parent;
  const make = (data) => makeBoard(scroll, data, { experiment: id, query: page.query, noun: of ? nounOf(data.runs) : "run" }, page.isHere, of);
  let board = first.runs.length ? make(first) : null;
  viewState(() => ({ ...(!ids.length && { parent: parent?.id ?? "none" }), ...board?.address() }));
  page.onLeave(() => board?.dispose());
  live(async () => {
    const going = board?.runs.some((run) => run.status === "RUNNING") || parent?.status === "RUNNING";
    if (board && !going) return { running: false, changed: false };
    let fresh = board && !ids.length ? await follow(board, parent, id) : null;
    fresh ??= await fetch(MOST);
    const changed = fresh.runs.length > 0 && (!board || fresh.runs.length !== board.runs.length || fresh.runs.some((run) => !board.has(run)));
    if (changed && page.isHere()) {
      if (board) {
        board.update(fresh);
        await fill(board, {}, page.isHere, of);
      } else board = make(fresh);
    }
    return { running: Boolean(going) || !board, changed };
  }, first.runs.some((run) => run.status === "RUNNING"));
}

/** What a board shows, asked anew for the runs that go on alone; null when there are others than it has. */
export async function follow(board, parent, experiment) {
  const going = board.runs.filter((run) => run.status === "RUNNING").map((run) => run.id);
  const fresh = new Map((await api.runsById(going)).map((run) => [run.id, run]));
  let summary = null;
  if (parent) {
    summary = await api.summary(parent.id);
    if (summary.children !== board.all) return null;
  } else {
    const last = await api.runs({ experiments: [experiment], top: true, keys: NAMED, max: 10 });
    if (last.runs.some((run) => !board.runs.some((one) => one.id === run.id))) return null;
  }
  return { ...board.data, runs: board.runs.map((run) => fresh.get(run.id) ?? run), ...(summary && { summary }) };
}
