// Some runs side by side: params and metrics as rows, runs as columns, differences marked, curves laid over each other.

import { api, same } from "../lib/api.js";
import { button, h, set, status } from "../lib/dom.js";
import { chartCard, curveCard, curveControls, curveSettings, Group } from "../lib/cards.js";
import { count, num, shortName, span, wall, when } from "../lib/format.js";
import { live } from "../lib/live.js";
import { emptyState, named, pageHead } from "../lib/page.js";
import { go, note, to, viewState } from "../lib/place.js";
import { runsAsCSV, save } from "../lib/export.js";

const CHARTS = 12;
const ROWS = 300;

export async function compareView(page) {
  named("Compare");
  const ids = (page.query.get("runs") ?? "").split(",").filter(Boolean).slice(0, 100);
  if (!ids.length) {
    set(page.main, pageHead({ title: "Compare" }), emptyState("Nothing to compare", "Select two or more runs in a table of runs (key x), then Compare (key c)."));
    return;
  }
  // Parents have no values of their own: what their children come to is compared.
  let runs = await api.runsById(ids, { rollUp: true });
  if (!runs.length) throw Object.assign(new Error("None of these runs exists."), { status: 404 });
  const experiment = await page.experiment(runs[0].experiment);
  named(`Compare ${count(runs.length, "run")}`);
  const summaries = new Map(runs.filter((run) => run.below.children > 0).map((run) => [run.id, run.below]));
  const missing = ids.filter((id, at) => ids.indexOf(id) === at && !runs.some((run) => run.id === id));

  let diff = page.query.get("diff") !== "0";
  const group = new Group();
  page.onLeave(() => group.dispose());
  const table = h("div", { class: "tscroll", tabindex: "0", role: "region", "aria-label": "Comparison" });
  const charts = h("div", { class: "cards" });
  const { settings, keep, address } = curveSettings(experiment.experiment_id, page.query);
  const cards = [];

  const draw = () => set(table, sideBySide(runs, summaries, diff, (id) => { const rest = ids.filter((one) => one !== id); go(to.compare(rest)); }));
  draw();
  const metrics = [...new Set(runs.flatMap((run) => [...run.metrics.keys()]))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const open = (row) => go(to.run(row.id));
  for (const name of metrics.slice(0, CHARTS)) {
    const rows = runs.map((run, at) => ({ ...run, name: shortName(run), color: at, href: to.run(run.id), value: run.metrics.get(name), note: run.status === "FAILED" ? "failed" : "no value" }));
    const card = runs.some((run) => (run.steps.get(name) ?? 0) > 0)
      ? curveCard(group, { metric: name, runs: rows.filter((row) => row.value !== undefined), settings, open })
      : chartCard(group, { kind: "bar", title: name, options: { rows }, open });
    cards.push(card);
    charts.append(card.element);
  }
  for (const [name, rows] of rolledUp(runs, summaries)) {
    if (new Set(rows.map((row) => row.value)).size < 2) continue;
    const card = chartCard(group, { kind: "bar", title: name, options: { rows }, open });
    cards.push(card);
    charts.append(card.element);
  }
  if (cards.some((card) => card.reload)) viewState(address);
  const differences = button("Only differences", () => {
    diff = !diff;
    differences.setAttribute("aria-pressed", String(diff));
    note({ diff: diff ? null : "0" });
    draw();
  }, { "aria-pressed": String(diff) });
  set(page.main, pageHead({ crumbs: [[experiment.name, to.experiment(experiment.experiment_id)]], title: `Compare ${count(runs.length, "run")}`,
    actions: [differences, button("CSV", () => save("compare.csv", runsAsCSV(runs, allColumns(runs)), "text/csv;charset=utf-8"), { class: "btn" })] }),
  h("div", { class: "scroll" },
    missing.length > 0 && h("p", { class: "err" }, `${count(missing.length, "run")} of the address cannot be found.`),
    h("section", { class: "card wide", "aria-label": "Side by side" }, table),
    cards.some((card) => card.reload) && h("div", { class: "bar tight" }, curveControls(settings, (changes) => {
      keep(changes);
      for (const card of cards) if (card.reload) card.draw();
    })),
    charts, metrics.length > CHARTS && h("p", { class: "mut" }, `Charts of ${CHARTS} of ${metrics.length} metrics; the table has all.`)));
  for (const card of cards) if (!card.reload) card.draw();

  live(async () => {
    const going = runs.filter((run) => run.status === "RUNNING");
    if (!going.length) return { running: false, changed: false };
    const fresh = new Map((await api.runsById(going.map((run) => run.id))).map((run) => [run.id, run]));
    const changed = going.some((run) => fresh.has(run.id) && !same(run, fresh.get(run.id)));
    runs = runs.map((run) => fresh.get(run.id) ?? run);
    if (changed && page.isHere()) {
      draw();
      for (const card of cards) card.reload?.();
    }
    return { running: true, changed };
  });
}

function sideBySide(runs, summaries, diff, remove) {
  const rows = [];
  const add = (kind, name, read, show, same_ = false) => {
    const values = runs.map(read);
    const differs = new Set(values.map((v) => String(v))).size > 1;
    if (diff && !differs && !same_) return;
    rows.push({ kind, name, values, show, differs });
  };
  const names = (pick) => [...new Set(runs.flatMap((run) => [...pick(run).keys()]))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  for (const name of names((run) => run.metrics)) add("metric", name, (run) => run.metrics.get(name), num);
  for (const [name, values] of rolledUp(runs, summaries)) {
    const by = new Map(values.map((row) => [row.id, row.value]));
    add("children", name, (run) => by.get(run.id), num);
  }
  for (const name of names((run) => run.params)) add("param", name, (run) => run.params.get(name), (v) => v ?? "–");
  for (const name of names((run) => run.tags).filter((n) => !n.startsWith("mlflow."))) add("tag", name, (run) => run.tags.get(name), (v) => v ?? "–");
  add("run", "Status", (run) => run.status, (v) => status(v, true), true);
  add("run", "Started", (run) => run.start, when, true);
  add("run", "Wall time", wall, span, true);
  let last = null;
  return [h("table", { class: "lines compare" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "hidden" }, "Field")), runs.map((run) => h("th", { scope: "col" },
      status(run.status), " ", h("a", { href: to.run(run.id), title: run.name, dir: "auto" }, shortName(run)),
      runs.length > 2 && button("×", () => remove(run.id), { class: "quiet", "aria-label": `Take ${run.name} out` }))))),
    h("tbody", {}, rows.slice(0, ROWS).map((row) => {
      const isFirst = row.kind !== last;
      last = row.kind;
      const most = row.kind === "metric" || row.kind === "children" ? Math.max(...row.values.filter(Number.isFinite)) : NaN;
      return h("tr", { class: [isFirst ? "first" : "", row.differs ? "diff" : ""].join(" ").trim() || null },
        h("th", { scope: "row", title: row.name }, h("small", {}, row.kind), " ", h("span", { dir: "auto" }, row.name)),
        row.values.map((value, at) => h("td", { title: value === most ? "the largest" : null },
          h("div", { class: "clip", dir: "auto" }, row.differs && value === most ? h("b", {}, row.show(value)) : row.show(value),
            at > 0 && Number.isFinite(most) && change(row.values[0], value)))));
    }))),
  rows.length > ROWS && h("p", { class: "mut" }, `${rows.length - ROWS} more rows are in the CSV.`),
  diff && h("p", { class: "mut" }, "Rows in which all runs agree are hidden.")];
}

/** How much a value is above or below that of the first run. */
function change(from, to) {
  if (!Number.isFinite(from) || !Number.isFinite(to) || from <= 0 || from === to) return null;
  const percent = (to / from - 1) * 100;
  return h("small", { title: "against the first run" }, ` ${percent > 0 ? "+" : "−"}${num(+Math.abs(percent).toPrecision(2))} %`);
}

/** What children come to, as rows of a chart by name: their number, failures, and the mean and sum of each metric. */
function rolledUp(runs, summaries) {
  if (!summaries.size) return [];
  const rows = (read) => runs.map((run) => ({ id: run.id, name: shortName(run), href: to.run(run.id), value: summaries.has(run.id) ? read(summaries.get(run.id)) : undefined, note: "no children" }));
  const found = [["children", rows((s) => s.children)], ["failed children", rows((s) => s.status.FAILED ?? 0)]];
  const keys = [...new Set([...summaries.values()].flatMap((s) => s.metrics.map((m) => m.key)))].slice(0, 8);
  for (const key of keys) {
    const metric = (s) => s.metrics.find((m) => m.key === key);
    found.push([`mean ${key}`, rows((s) => metric(s)?.mean)]);
    if (/token|cost|count|price|usd/i.test(key)) found.push([`sum ${key}`, rows((s) => metric(s)?.sum)]);
  }
  return found;
}

function allColumns(runs) {
  const names = (pick) => [...new Set(runs.flatMap((run) => [...pick(run).keys()]))];
  return [...names((run) => run.metrics).map((n) => ({ id: `metrics.${n}`, read: (run) => run.metrics.get(n) })),
    ...names((run) => run.params).map((n) => ({ id: `params.${n}`, read: (run) => run.params.get(n) })),
    ...names((run) => run.tags).map((n) => ({ id: `tags.${n}`, read: (run) => run.tags.get(n) }))];
}
