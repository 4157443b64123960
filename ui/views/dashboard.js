// The dashboard of an experiment: of a parent's children, of the selection, or of the newest runs.

import { api, key } from "../lib/api.js";
import { h, set } from "../lib/dom.js";
import { byInterest, isDear, isSlow, lineNumber } from "../lib/format.js";
import { live } from "../lib/live.js";
import { emptyState, experimentTabs, named, pageHead, quickStart } from "../lib/page.js";
import { note, viewState } from "../lib/place.js";
import { Board } from "./board.js";

// So many runs are drawn; the server's roll-up counts all of them.
export const MOST = 1000;

/** The children of a run in the order in which they began, and what they come to. */
export async function childrenOf(run, known) {
  const [page, summary] = await Promise.all([
    api.runs({ experiments: [run.experiment], parent: run.id, order: ["attributes.start_time ASC"], max: MOST }),
    known ?? api.summary(run.id),
  ]);
  // The slowest and the dearest of all are shown, even if they are not among those that are drawn.
  const most = page.next ? await Promise.all([isSlow, isDear].map(async (suits) => {
    const metric = summary.metrics.filter((m) => suits(m.key)).sort((a, b) => byInterest(a.key, b.key))[0];
    const found = metric && (await api.runs({ experiments: [run.experiment], parent: run.id, order: [`${key("metrics", metric.key)} DESC`], max: 1 })).runs[0];
    return found && [metric.key, found];
  })) : [];
  return { runs: page.runs, summary, all: Math.max(summary.children, page.runs.length), most: new Map(most.filter(Boolean)) };
}

export const nounOf = (runs) => (runs.length && runs.every((run) => lineNumber(run) != null) ? "line" : "run");

export async function dashboardView(page, id) {
  const experiment = await page.experiment(id);
  named(`${experiment.name}, dashboard`);
  const ids = (page.query.get("runs") ?? "").split(",").filter(Boolean);
  const tops = ids.length ? null : await api.runs({ experiments: [id], top: true, max: 200 });
  const parents = (tops?.runs ?? []).filter((run) => run.below.children > 0);
  const wanted = page.query.get("parent");
  const parent = wanted === "none" ? null : wanted ? parents.find((run) => run.id === wanted) ?? (await api.run(wanted)) : parents[0];

  const scroll = h("div", { class: "scroll" });
  const choice = parents.length > 0 && h("label", { class: "choice" }, h("span", { class: "mut" }, "Children of "),
    h("select", { class: "btn", id: "parent", "aria-label": "Parent run", on: { change: (event) => { note({ parent: event.target.value }); page.redraw(); } } },
      parents.map((run) => h("option", { value: run.id, selected: run.id === parent?.id }, `${run.name} (${run.below.children})`)),
      parent && !parents.includes(parent) && h("option", { value: parent.id, selected: true }, parent.name)));
  set(page.main, pageHead({ title: experiment.name, tabs: experimentTabs(id, "dashboard"), actions: choice || null }), scroll);

  const fetch = async () => {
    if (ids.length) {
      return { runs: await api.runsById(ids) };
    }
    if (parent) return childrenOf(parent);
    return api.runs({ experiments: [id], top: true, max: MOST });
  };
  // Few runs are all there already.
  const first = !ids.length && !parent && tops && !tops.next ? tops : await fetch();
  if (!first.runs.length) {
    set(scroll, parent ? emptyState("No children yet", `${parent.name} has none.`) : emptyState("No runs yet", "Three lines bring the first one here:", quickStart(experiment.name)));
  }
  const make = (data) => new Board(scroll, { ...data, experiment: id, query: page.query, noun: parent && !ids.length ? nounOf(data.runs) : "run" });
  let board = first.runs.length ? make(first) : null;
  viewState(() => ({ ...(!ids.length && { parent: parent?.id ?? "none" }), ...board?.address() }));
  page.onLeave(() => board?.dispose());
  live(async () => {
    const going = board?.runs.some((run) => run.status === "RUNNING") || parent?.status === "RUNNING";
    if (board && !going) return { running: false, changed: false };
    let fresh = board && !ids.length ? await follow(board, parent, id) : null;
    fresh ??= await fetch();
    const changed = fresh.runs.length > 0 && (!board || fresh.runs.length !== board.runs.length || fresh.runs.some((run) => !board.has(run)));
    if (changed && page.isHere()) {
      if (board) board.update(fresh);
      else board = make(fresh);
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
    const newest = await api.runs({ experiments: [experiment], top: true, max: 10 });
    if (newest.runs.some((run) => !board.runs.some((one) => one.id === run.id))) return null;
  }
  return { runs: board.runs.map((run) => fresh.get(run.id) ?? run), summary, all: board.all, most: board.most };
}
