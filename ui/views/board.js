// The dashboard of some runs: what they come to, charts of their values, and a table beside. One board serves the children
// of a run, a selection, and an experiment of runs without children.

import { same } from "../lib/api.js";
import { dialog } from "../lib/dialog.js";
import { button, h, set, status } from "../lib/dom.js";
import { chartCard, curveCard, curveControls, curveSettings, Group } from "../lib/cards.js";
import { byInterest, byName, count, isDear, isLoss, isSlow, lineNumber, num, shortName, span, wall } from "../lib/format.js";
import { go, note, readIDs, recall, remember, to, writeIDs } from "../lib/place.js";

const CURVES = 10;
const ROWS = 200;
// What can be chosen, by its name in the address.
const CHOICES = { charts: "metrics", xy: "scatter", axes: "axes" };

export class Board {
  /**
   * `summary` is the roll-up of the server, if these are children; `all` is how many runs there are, if that is known, `most`
   * has those with the most of a metric that are not among `runs`; `isLoading` says that more runs will come. Choices are kept
   * by experiment, and those in the address come first.
   */
  constructor(host, { runs, experiment, query, noun = "run", ...data }) {
    Object.assign(this, { host, noun });
    this.take(data);
    this.layoutName = `layout.${experiment}`;
    this.chosen = recall(this.layoutName, {}) ?? {};
    for (const [name, kept] of Object.entries(CHOICES)) if (query?.has(name)) this.chosen[kept] = readIDs(query.get(name));
    this.curves = curveSettings(experiment, query);
    this.group = new Group();
    this.setRuns(runs);
    this.build();
  }

  dispose() { this.group.dispose(); }

  take({ summary, all, most, isLoading = false }) { this.data = { summary, all, most: most ?? this.data?.most, isLoading }; }
  get summary() { return this.data.summary; }
  get all() { return Math.max(this.data.all ?? 0, this.runs.length); }

  keep(changes) {
    Object.assign(this.chosen, changes);
    remember(this.layoutName, this.chosen);
    note(this.choices());
  }

  choices() { return Object.fromEntries(Object.entries(CHOICES).map(([name, kept]) => [name, writeIDs(this.chosen[kept] ?? [])])); }
  /** What the address must say to bring back these charts. */
  address() { return { ...this.choices(), ...(this.curved.length && this.curves.address()) }; }

  setRuns(runs) {
    const lines = runs.every((run) => lineNumber(run) != null);
    this.runs = lines ? [...runs].sort(byName) : runs;
    this.byID = new Map(this.runs.map((run) => [run.id, run]));
    this.rows = this.runs.map((run, at) => ({ id: run.id, name: shortName(run), href: to.run(run.id), color: at, run,
      note: run.status === "FAILED" ? "failed" : run.status === "RUNNING" ? "running" : "no value" }));
    const seen = new Map();
    for (const run of runs) for (const [name, step] of run.steps) seen.set(name, Math.max(seen.get(name) ?? 0, step));
    this.metrics = [...seen.keys()].sort(byInterest);
    this.curved = this.metrics.filter((name) => seen.get(name) > 0);
    this.single = this.metrics.filter((name) => !(seen.get(name) > 0));
    const params = new Map();
    for (const run of runs) for (const [name, value] of run.params) params.set(name, (params.get(name) ?? new Set()).add(value));
    this.params = [...params].filter(([, values]) => values.size > 1 || runs.length === 1).map(([name]) => name);
    this.inputs = this.params.filter((name) => name !== "output" && name !== "line_number");
  }

  /** Whether it shows this run just as it is. */
  has(run) {
    const mine = this.byID.get(run.id);
    return mine === run || (mine !== undefined && same(mine, run));
  }

  /** Fresh values of the same runs: charts and table are brought up to date where they stand. */
  update({ runs, ...data }) {
    // What decides which cards there are; curves are of certain runs.
    const plan = () => JSON.stringify([this.metrics, this.params, this.curved.map((name) => this.curvesOf(name).map((row) => row.id))]);
    const before = plan();
    this.take(data);
    this.setRuns(runs);
    if (plan() !== before) {
      const scroll = this.host.closest(".scroll");
      const top = scroll?.scrollTop;
      this.group.dispose();
      this.build();
      if (scroll) scroll.scrollTop = top;
      return;
    }
    set(this.strip, this.facts());
    this.showExtent();
    for (const card of this.cards) card.refresh?.();
    this.table?.();
  }

  build() {
    this.cards = [];
    this.strip = h("dl", { class: "strip" }, this.facts());
    this.grid = h("div", { class: "cards" });
    const choose = this.metrics.length > 0 && button("Choose charts", () => this.choose(), { class: "btn small" });
    this.extent = h("p", { class: "mut", role: "status" });
    this.showExtent();
    set(this.host, h("div", { class: "top" }, this.strip, !this.curved.length && choose),
      this.extent,
      this.curved.length > 0 && h("div", { class: "bar tight" }, curveControls(this.curves.settings, (c) => this.changeCurves(c)), h("span", { class: "sp" }), choose), this.grid);
    const open = (row, event) => { if (event.ctrlKey || event.metaKey) window.open(row.href ?? to.run(row.id), "_blank", "noopener"); else go(to.run(row.id)); };
    const shown = (this.chosen.metrics ?? []).filter((name) => this.metrics.includes(name));
    const names = shown.length ? shown : [...this.curved.slice(0, 6), ...this.single.slice(0, this.curved.length ? 3 : 3)];
    for (const name of names) {
      if (this.curved.includes(name)) this.addCurve(name, open);
      else this.addBars(name, open);
    }
    if (!this.curved.length || this.noun !== "run") this.addTable();
    if (this.runs.length > 1 && this.metrics.length) {
      this.addScatter(open);
      this.addParallel(open);
    }
    if (this.curved.length && this.noun === "run") this.addTable();
    if (!this.runs.length) set(this.grid, h("p", { class: "mut" }, "No runs to show."));
    for (const card of this.cards) card.draw?.();
  }

  /** How many of the runs are shown, while they come and when they are too many. */
  showExtent() {
    const { runs, all } = this;
    const many = all > runs.length ? `${num(runs.length)} of ${count(all, this.noun)}` : count(runs.length, this.noun);
    set(this.extent, this.data.isLoading ? `${many} so far …` : `Charts and table show ${many}${this.summary ? "; the figures above are of all" : ""}.`);
    this.extent.hidden = !this.data.isLoading && all === runs.length;
  }

  put(card, refresh) {
    this.cards.push({ draw: card.draw, refresh, reload: card.reload });
    this.grid.append(card.element);
  }

  curvesOf(name) { return this.rows.filter((row) => row.run.metrics.has(name)).slice(0, CURVES); }

  addCurve(name, open) {
    const sub = () => {
      const have = this.runs.filter((run) => run.metrics.has(name)).length;
      return have > CURVES ? `the ${this.summary ? "first" : "newest"} ${CURVES} of ${have} runs` : "";
    };
    let shown = this.curvesOf(name);
    const card = curveCard(this.group, { metric: name, runs: shown.map((row) => ({ ...row, start: row.run.start })), settings: this.curves.settings, open, sub: sub() });
    this.put(card, () => {
      const fresh = this.curvesOf(name);
      const small = card.element.querySelector("h3 small");
      if (small) set(small, sub());
      // Points are asked for again only when one of these runs has changed.
      if (fresh.some((row, at) => row.run !== shown[at].run)) card.reload();
      shown = fresh;
    });
  }

  addBars(name, open) {
    const rows = () => this.rows.map((row) => ({ ...row, value: row.run.metrics.get(name) }));
    const card = chartCard(this.group, { kind: "bar", title: name, sub: `per ${this.noun}`, options: { rows: rows() }, open });
    this.put(card, () => card.draw({ rows: rows() }));
  }

  value(run, id) {
    if (id === "wall") { const ms = wall(run); return ms == null ? undefined : ms / 1000; }
    const text = id[0] === "m" ? run.metrics.get(id.slice(2)) : run.params.get(id.slice(2));
    return text != null && id[0] === "p" && text.trim() !== "" && Number.isFinite(+text) ? +text : text;
  }

  get axesThere() {
    return [...this.inputs.map((n) => `p.${n}`), ...this.metrics.map((n) => `m.${n}`), "wall"];
  }

  addScatter(open) {
    const there = this.axesThere;
    const kinds = (name) => new Set(this.runs.map((run) => run.params.get(name))).size;
    const numeric = this.inputs.filter((n) => this.runs.some((run) => Number.isFinite(parseFloat(run.params.get(n))))).sort((a, b) => kinds(b) - kinds(a));
    const [x, y] = [this.chosen.scatter ?? []].flat();
    const standard = { y: `m.${this.metrics[0]}`, x: numeric.length && this.curved.length ? `p.${numeric[0]}` : `m.${this.metrics.find((n) => /completion|total/.test(n) && n !== this.metrics[0]) ?? this.metrics[1] ?? this.metrics[0]}` };
    const at = { x: there.includes(x) ? x : standard.x, y: there.includes(y) ? y : standard.y };
    const options = () => ({
      rows: this.rows.map((row) => ({ ...row, color: 0, x: this.value(row.run, at.x), y: this.value(row.run, at.y) })),
      xName: axisName(at.x), yName: axisName(at.y), xLog: spread(this.runs.map((run) => this.value(run, at.x))),
    });
    const select = (which) => h("select", { class: "btn", "aria-label": `${which === "x" ? "Horizontal" : "Vertical"} axis of the scatter chart`, on: {
      change: (event) => { at[which] = event.target.value; this.keep({ scatter: [at.x, at.y] }); card.draw(options()); } } },
    there.map((id) => h("option", { value: id, selected: at[which] === id }, axisName(id))));
    const card = chartCard(this.group, { kind: "scatter", title: "Scatter", options: options(), open, extra: h("span", { class: "axes" }, select("y"), " by ", select("x")) });
    this.put(card, () => card.draw(options()));
  }

  addParallel(open) {
    const there = this.axesThere;
    const picked = (this.chosen.axes ?? []).filter((id) => there.includes(id));
    let axes = picked.length > 1 ? picked : [...this.inputs.slice(0, 4).map((n) => `p.${n}`), ...this.metrics.slice(0, 4).reverse().map((n) => `m.${n}`)];
    const options = () => ({
      rows: this.rows.map(({ color: _, ...row }) => ({ ...row, values: Object.fromEntries(axes.map((id) => [id, this.value(row.run, id)])) })),
      axes: axes.map((id) => ({ key: id, name: axisName(id), log: spread(this.runs.map((run) => this.value(run, id))) })),
    });
    const card = chartCard(this.group, { kind: "parallel", title: "Parallel coordinates", sub: `one line per ${this.noun}`, wide: true, options: options(), open,
      extra: button("Axes", async () => {
        const found = await pick("Axes of the parallel coordinates", there, axes, axisName);
        if (!found) return;
        axes = found.length > 1 ? found : there.slice(0, 6);
        this.keep({ axes });
        card.draw(options());
      }, { class: "quiet" }) });
    this.put(card, () => card.draw(options()));
  }

  addTable() {
    const host = h("div", { class: "tscroll", tabindex: "0", role: "region", "aria-label": `Table of the ${this.noun}s` });
    let order = null;
    let all = false;
    const outputs = this.runs.some((run) => run.params.has("output") || run.tags.has("error"));
    const params = this.inputs.slice(0, outputs ? 3 : 6);
    const metrics = this.metrics.slice(0, 8);
    const columns = [
      { id: "name", label: this.noun === "line" ? "Line" : "Run", read: (run) => lineNumber(run) ?? run.name },
      ...params.map((n) => ({ id: `p.${n}`, label: n, read: (run) => run.params.get(n) })),
      outputs && { id: "output", label: "output", read: (run) => run.params.get("output") ?? run.tags.get("error"), out: true },
      ...metrics.map((n) => ({ id: `m.${n}`, label: n, number: true, read: (run) => run.metrics.get(n) })),
      { id: "wall", label: "Wall time", number: true, read: wall },
    ].filter(Boolean);
    const most = () => new Map(columns.filter((c) => c.id[0] === "m").map((c) => [c.id, this.runs.length > 1 ? Math.max(...this.runs.map(c.read).filter(Number.isFinite)) : NaN]));
    const draw = () => {
      const top = most();
      const sorted = this.runs.filter((run) => !this.onlyFailed || run.status === "FAILED" || run.status === "KILLED");
      if (order) {
        const column = columns.find((c) => c.id === order.id);
        sorted.sort((a, b) => compare(column.read(a), column.read(b)) * (order.down ? -1 : 1));
      }
      const cell = (column, run) => {
        const value = column.read(run);
        if (column.id === "name") return h("td", { class: "name" }, status(run.status), " ", h("a", { href: to.run(run.id), dir: "auto" }, String(value)));
        if (column.out) return h("td", { class: "out" }, run.params.has("output") ? h("div", { class: "clip", dir: "auto" }, run.params.get("output")) : h("span", { class: "bad", dir: "auto" }, run.tags.get("error") ?? "–"));
        if (column.id === "wall") return h("td", { class: "n mut" }, span(value));
        if (!column.number) return h("td", { class: "val" }, h("div", { class: "clip", dir: "auto" }, value ?? "–"));
        return h("td", { class: "n", title: value == null ? null : String(value) }, value === top.get(column.id) ? h("b", { title: "the largest" }, num(value)) : num(value));
      };
      set(host, h("table", { class: "lines" },
        h("thead", {}, h("tr", {}, columns.map((c) => h("th", { class: c.number ? "n" : null, scope: "col", "aria-sort": order?.id === c.id ? (order.down ? "descending" : "ascending") : null },
          button([c.label, order?.id === c.id && (order.down ? " ↓" : " ↑")], () => { order = { id: c.id, down: order?.id === c.id ? !order.down : Boolean(c.number) }; draw(); }, { class: "sort", data: { column: c.id } }))))),
        h("tbody", {}, sorted.slice(0, all ? Infinity : ROWS).map((run) => h("tr", { data: { id: run.id } }, columns.map((c) => cell(c, run)))))),
      !all && sorted.length > ROWS && button(`Show all ${num(sorted.length)}`, () => { all = true; draw(); }));
    };
    host.addEventListener("mouseover", (event) => this.group.hover(event.target.closest?.("tr[data-id]")?.dataset.id ?? null, null));
    host.addEventListener("mouseleave", () => this.group.hover(null, null));
    this.group.onHover((id) => {
      for (const row of host.querySelectorAll("tr[data-id]")) row.classList.toggle("hot", row.dataset.id === id);
    });
    this.table = draw;
    draw();
    this.grid.append(this.tableCard = h("section", { class: "card wide", "aria-label": `All ${this.noun}s` },
      h("h3", {}, h("span", { class: "name" }, this.noun === "line" ? "Lines" : "Runs"), h("small", {}, outputs ? "inputs, output and cost side by side" : "params and metrics side by side")), host));
  }

  facts() {
    const states = this.summary?.status ?? tally(this.runs);
    const total = Object.values(states).reduce((a, b) => a + b, 0);
    const bad = (states.FAILED ?? 0) + (states.KILLED ?? 0);
    const fact = (label, value, small) => h("div", {}, h("dt", {}, label), h("dd", {}, value, small && [" ", h("small", {}, small)]));
    const noun = this.noun[0].toUpperCase() + this.noun.slice(1);
    const facts = [fact(`${noun}s`, num(total), [bad ? this.failedButton(bad) : null, states.RUNNING ? ` ${states.RUNNING} running` : null])];
    const rolled = new Map((this.summary?.metrics ?? []).map((m) => [m.key, m]));
    const figures = (name) => rolled.get(name) ?? roll(this.runs.map((run) => run.metrics.get(name)).filter(Number.isFinite));
    const extreme = (label, name) => {
      if (this.runs.length < 2) return;
      const row = this.farthest(name);
      if (row) facts.push(fact(label, h("a", { href: row.href, title: row.name, dir: "auto" }, row.name), `${num(row.run.metrics.get(name))} ${name}`));
      else if (rolled.get(name)?.max != null) facts.push(fact(label, "…", `${num(rolled.get(name).max)} ${name}`));
    };
    const [slow, dear] = this.extremes;
    if (dear) facts.push(fact(`Sum of ${dear}`, num(figures(dear).sum)));
    if (slow) facts.push(fact(`Mean ${slow}`, num(figures(slow).mean)));
    if (slow) extreme(`Slowest ${this.noun}`, slow);
    if (dear) extreme(`Dearest ${this.noun}`, dear);
    if (!slow && !dear) {
      for (const name of this.metrics.slice(0, 3)) {
        const few = isLoss(name);
        const rows = this.rows.filter((row) => Number.isFinite(row.run.metrics.get(name)));
        if (!rows.length) continue;
        const best = rows.reduce((a, b) => ((few ? b.run.metrics.get(name) < a.run.metrics.get(name) : b.run.metrics.get(name) > a.run.metrics.get(name)) ? b : a));
        facts.push(fact(`${few ? "Lowest" : "Highest"} ${name}`, num(best.run.metrics.get(name)), h("a", { href: best.href, dir: "auto" }, best.name)));
      }
    }
    return facts;
  }

  /** The metrics of which the run with the most is named: the one that says how slow, and the one that says how dear. */
  get extremes() { return [isSlow, isDear].map((suits) => this.single.find((name) => suits(name))); }
  /** Those of them of which it is not known which run that is. */
  get missing() { return this.extremes.filter((name) => name && this.all > this.runs.length && !this.farthest(name)); }

  /** The run with the most of a metric; null when it is not among those that are here. */
  farthest(name) {
    const far = this.data.most?.get(name);
    const value = (row) => row?.run.metrics.get(name) ?? -Infinity;
    const here = this.rows.reduce((a, b) => (value(b) > value(a) ? b : a), null);
    const top = this.summary && this.all > this.runs.length ? this.summary.metrics.find((one) => one.key === name)?.max : undefined;
    return [here, far && { run: far, name: shortName(far), href: to.run(far.id) }].find((row) => row && (top == null ? row === here : value(row) === top)) ?? null;
  }

  /** How many failed; it leaves only those in the table, with their reasons. */
  failedButton(many) {
    return button(`${num(many)} failed`, (event) => {
      this.onlyFailed = !this.onlyFailed;
      event.target.setAttribute("aria-pressed", String(this.onlyFailed));
      this.table();
      if (this.onlyFailed) this.tableCard.scrollIntoView({ block: "nearest" });
    }, { class: "quiet bad", "aria-pressed": String(Boolean(this.onlyFailed)), title: "Only these in the table" });
  }

  changeCurves(changes) {
    this.curves.keep(changes);
    for (const card of this.cards) if (card.reload) card.draw();
  }

  async choose() {
    const found = await pick("Charts", this.metrics, this.chosen.metrics ?? [], (name) => name);
    if (!found) return;
    this.keep({ metrics: found });
    this.group.dispose();
    this.build();
  }
}

const axisName = (id) => (id === "wall" ? "wall time (s)" : id.slice(2));
const compare = (a, b) => (a == null ? (b == null ? 0 : 1) : b == null ? -1 : typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));

function roll(values) {
  const sum = values.reduce((a, b) => a + b, 0);
  return { sum, mean: values.length ? sum / values.length : null };
}

function tally(runs) {
  const states = {};
  for (const run of runs) states[run.status] = (states[run.status] ?? 0) + 1;
  return states;
}

/** Whether positive values reach over more than a hundredfold, so that a logarithm shows them better. */
function spread(values) {
  const fine = values.filter((v) => typeof v === "number" && Number.isFinite(v));
  return fine.length > 2 && fine.every((v) => v > 0) && Math.max(...fine) / Math.min(...fine) >= 100;
}

/** Some of many names by check boxes; null when dismissed. */
function pick(title, names, chosen, label) {
  return dialog(title, (close) => h("form", { method: "dialog", on: { submit: (event) => { event.preventDefault(); close(new FormData(event.target).getAll("name")); } } },
    h("div", { class: "checks" }, names.slice(0, 300).map((name) => h("label", {}, h("input", { type: "checkbox", name: "name", value: name, checked: chosen.includes(name) }), h("span", {}, label(name))))),
    h("div", { class: "actions" }, button("Cancel", () => close(null)), h("button", { class: "btn pri" }, "Apply"))));
}
