// The runs of an experiment: the tree in a table, filter, columns, selection and what can be done with it.

import { api } from "../lib/api.js";
import { ask, confirm, dialog, forEach, menu, toast } from "../lib/dialog.js";
import { button, h, set } from "../lib/dom.js";
import { runsAsCSV, runsAsJSON, save } from "../lib/export.js";
import { count, firstLine, num } from "../lib/format.js";
import { live } from "../lib/live.js";
import { emptyState, experimentTabs, named, pageHead, quickStart } from "../lib/page.js";
import { go, note, readIDs, recall, remember, to, viewState, writeIDs } from "../lib/place.js";
import { chooseColumns, column, Keys } from "../runs/columns.js";
import { FilterBar } from "../runs/filter.js";
import { Grid } from "../runs/grid.js";
import { RunTree } from "../runs/model.js";

const MOST_SELECTED = 1000;
// More ids than this do not go into the address.
const MOST_IN_ADDRESS = 40;

export async function runsView(page, id) {
  const experiment = await page.experiment(id);
  named(experiment.name);
  const view = new RunsView(page, experiment);
  page.onLeave(() => view.dispose());
  await view.start();
}

class RunsView {
  constructor(page, experiment) {
    this.page = page;
    this.experiment = experiment;
    this.id = experiment.experiment_id;
    const { query } = page;
    this.filter = query.get("q") ?? "";
    this.sort = query.get("sort") ?? "-start";
    this.tree = query.get("tree") !== "0";
    this.view = query.get("view") === "deleted" ? "DELETED_ONLY" : "ACTIVE_ONLY";
    this.selected = new Map(readIDs(query.get("sel")).map((one) => [one, null]));
    this.wanted = readIDs(query.get("open"));
    this.isFresh = !query.has("open");
    this.keys = new Keys();
    // Columns come from the address, else from the last choice in this browser.
    const given = query.has("cols") || query.has("pin");
    this.chosen = query.has("cols") ? readIDs(query.get("cols")) : given ? null : recall(`cols.${this.id}`, null);
    this.pins = new Set(given ? readIDs(query.get("pin")) : recall(`pins.${this.id}`, []));
    viewState(() => ({
      cols: this.shown ? writeIDs(this.shown) : null, pin: writeIDs(this.pinned()),
      open: this.filter || !this.model?.tree ? null : writeIDs(this.openIDs()) || "-",
    }));
    this.widths = recall(`widths.${this.id}`, {}) ?? {};
    this.build();
  }

  dispose() {
    this.model?.dispose();
    this.next?.dispose();
    this.grid.dispose();
  }

  build() {
    const { id } = this;
    this.bar = new FilterBar({ keys: this.keys, apply: (text) => this.setFilter(text) });
    this.bar.value = this.filter;
    this.treeButton = button("Tree", () => { this.tree = !this.tree; this.reload(); }, { title: "Children below their parents" });
    const trash = this.view !== "ACTIVE_ONLY";
    const text = this.experiment.tags?.find((t) => t.key === "mlflow.note.content")?.value ?? "";
    this.host = h("div", { class: "gridhost" });
    this.foot = h("footer", { class: "foot" });
    this.grid = new Grid(this.host, {
      label: `Runs of ${this.experiment.name}`, rows: () => this.model?.rows() ?? [], isSelected: (one) => this.selected.has(one), isTree: () => Boolean(this.model?.tree),
      on: {
        sort: (which) => this.sortBy(which),
        more: (node) => this.guard(this.model.load(node)),
        toggle: (node, open = !node.open) => this.toggle(node, open),
        open: (run) => go(to.run(run.id)),
        select: (node, range) => this.select(range ?? [node], range ? true : undefined),
        selectChildren: (node) => this.selectChildren(node),
        resize: (which, width) => {
          if (width) this.widths[which] = width;
          else delete this.widths[which];
          remember(`widths.${id}`, this.widths);
          this.setColumns();
        },
        move: (from, before) => this.moveColumn(from, before),
        menu: (anchor, which, width) => this.columnMenu(anchor, which, width),
      },
    });
    set(this.page.main,
      pageHead({
        title: this.experiment.name, tabs: experimentTabs(id, "runs"),
        extra: text && h("span", { class: "line mut opt", dir: "auto", title: text.slice(0, 2000) }, firstLine(text)),
        more: [{ label: "Export", act: () => this.exportDialog() }, { label: "Note", act: () => this.editNote(text), title: "The experiment's note" },
          { label: trash ? "Back to the runs" : "Trash", act: () => { this.selected.clear(); note({ view: trash ? null : "deleted", sel: null }); this.page.redraw(); }, pressed: trash }],
      }),
      h("div", { class: "bar" }, this.bar.element, this.treeButton,
        button("Columns", () => this.columnsDialog(), { class: "btn" }),
        this.bar.error),
      this.host, this.foot);
    this.page.onKey((key) => this.press(key));
    this.showFoot();
  }

  async start() {
    this.treeButton.setAttribute("aria-pressed", String(this.tree));
    const model = new RunTree({ experiments: [this.id], filter: this.filter, sort: this.sort, tree: this.tree && this.view === "ACTIVE_ONLY", view: this.view }, () => { if (this.model === model) this.changed(); });
    // What is shown stays until the new rows are there, and when there are none because the filter is refused.
    this.next?.dispose();
    this.next = model;
    try {
      await model.start();
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status !== 400) return void this.page.fail(error);
      this.bar.refuse(error.message);
      this.showEmpty();
      return;
    }
    if (this.next !== model) return;
    this.bar.refuse(null);
    this.next = null;
    this.model?.dispose();
    this.model = model;
    this.changed();
    await this.reopen();
    this.fillSelection();
    this.showEmpty();
    this.showFoot();
    live(() => this.model.refresh(), this.model.isGoing);
  }

  /** Opens what the address says was open; for a first visit the newest parent, so that a batch is seen at once. */
  async reopen() {
    if (!this.model.tree) return;
    if (this.isFresh && !this.filter) {
      const first = this.model.roots.children.find((node) => node.count > 0);
      if (first && first.count <= 200) await this.model.open(first).catch((error) => this.told(error));
    }
    this.isFresh = false;
    for (let turn = 0; turn < 8; turn++) {
      const closed = this.wanted.map((id) => this.model.nodes.get(id)).filter((node) => node && !node.open);
      if (!closed.length) return;
      await Promise.all(closed.map((node) => this.model.open(node).catch((error) => this.told(error))));
      if (closed.every((node) => !node.open)) return;
    }
  }

  changed() {
    if (!this.model) return;
    this.keys.add(this.model.runs);
    this.setColumns(true);
    this.grid.update();
    for (const id of this.selected.keys()) {
      const run = this.model.run(id);
      if (run) this.selected.set(id, run);
    }
    this.showFoot();
  }

  /** The columns as chosen, else the standard ones; with `quietly` only if they differ from what is shown. */
  setColumns(quietly = false) {
    const all = (this.chosen ?? this.keys.standard()).filter((id) => column(id));
    // What is pinned stands first, wherever it was chosen.
    const ids = [...this.pinned(all), ...all.filter((id) => !this.pins.has(id))];
    if (quietly && ids.join("\n") === this.shown?.join("\n")) return;
    this.shown = ids;
    this.grid.setColumns(ids.map((id) => ({ ...column(id), pinned: this.pins.has(id) })), this.widths, this.sort);
  }

  pinned(ids = this.shown ?? []) { return ids.filter((id) => this.pins.has(id)); }

  choose(ids, pins = this.pins) {
    this.chosen = ids?.length ? ids : null;
    this.pins = new Set(pins);
    this.setColumns();
    remember(`cols.${this.id}`, this.chosen);
    remember(`pins.${this.id}`, this.pins.size ? [...this.pins] : null);
    note({ cols: this.chosen ? writeIDs(this.chosen) : null, pin: writeIDs(this.pinned()) });
  }

  async columnsDialog() {
    const found = await chooseColumns(this.shown ?? [], this.pins, this.keys);
    if (found) this.choose(found.ids, found.pins);
    this.grid.element.focus();
  }

  /** Puts a column in the place of another one; beside a pinned one it is pinned, too. */
  moveColumn(from, before) {
    const ids = [...this.shown];
    const at = ids.indexOf(from);
    const target = ids.indexOf(before);
    if (at < 0 || target < 0 || at === target) return;
    ids.splice(at, 1);
    ids.splice(target, 0, from);
    const pins = new Set(this.pins);
    if (pins.has(before)) pins.add(from);
    else pins.delete(from);
    this.choose(ids, pins);
  }

  pin(id) {
    const pins = new Set(this.pins);
    if (!pins.delete(id)) pins.add(id);
    // The order is kept as it is seen: the column goes to the end of the pinned ones, or comes right after them.
    const rest = this.shown.filter((one) => one !== id);
    const at = rest.filter((one) => pins.has(one)).length;
    this.choose([...rest.slice(0, at), id, ...rest.slice(at)], pins);
  }

  columnMenu(anchor, id, width) {
    const at = this.shown.indexOf(id);
    const sort = (down) => ({ label: down ? "Sort, largest first" : "Sort, smallest first", checked: this.sort === (down ? `-${id}` : id), act: () => { this.sort = down ? `-${id}` : id; this.reload(); } });
    const size = (by) => () => this.grid.on.resize(id, by && Math.max(60, Math.min(900, Math.round(width * by))));
    const isName = id === "name";
    menu(anchor, `Column ${isName ? "Run" : column(id).label}`, [
      sort(false), sort(true),
      !isName && { label: "Pin to the left", checked: this.pins.has(id), act: () => this.pin(id) },
      !isName && { label: "Move left", off: at === 0, act: () => this.moveColumn(id, this.shown[at - 1]) },
      !isName && { label: "Move right", off: at === this.shown.length - 1, act: () => this.moveColumn(id, this.shown[at + 1]) },
      { label: "Wider", act: size(1.35) }, { label: "Narrower", act: size(1 / 1.35) }, { label: "Standard width", act: size(0) },
      !isName && { label: "Hide", act: () => this.choose(this.shown.filter((one) => one !== id), [...this.pins].filter((one) => one !== id)) },
    ]);
  }

  sortBy(id) {
    const numeric = id.startsWith("m.") || id === "start" || id === "end" || id === "wall";
    if (this.sort === id) this.sort = numeric ? "-start" : `-${id}`;
    else if (this.sort === `-${id}`) this.sort = numeric ? id : "-start";
    else this.sort = numeric ? `-${id}` : id;
    this.reload();
  }

  setFilter(text) {
    this.filter = text;
    this.reload();
  }

  reload() {
    this.wanted = this.openIDs();
    note({ q: this.filter, sort: this.sort === "-start" ? null : this.sort, tree: this.tree ? null : "0" });
    this.grid.element.scrollTop = 0;
    this.setColumns();
    return this.start();
  }

  openIDs() {
    return [...(this.model?.nodes.values() ?? [])].filter((node) => node.open).map((node) => node.run.id).slice(0, MOST_IN_ADDRESS);
  }

  async toggle(node, open) {
    const opening = open ? this.model.open(node) : this.model.close(node);
    const ids = this.openIDs();
    // "-" says that all was closed on purpose.
    note({ open: this.filter ? null : ids.length ? writeIDs(ids) : "-" });
    if (opening) await this.guard(opening);
  }

  guard(promise) { return promise.catch((error) => this.told(error)); }
  told(error) { if (error.name !== "AbortError") toast(error.message, true); }

  // Selection

  select(nodes, on) {
    for (const { run } of nodes) {
      if (on ?? !this.selected.has(run.id)) this.selected.set(run.id, run);
      else this.selected.delete(run.id);
    }
    this.selectionChanged();
  }

  /** All of them, whatever is loaded; a thousand at most, for they are worked with one by one. */
  async selectChildren(node) {
    await this.toggle(node, true);
    while (node.next && node.children.length < MOST_SELECTED) await this.model.load(node);
    const some = node.children.slice(0, MOST_SELECTED);
    if (some.length < node.count) toast(`The first ${num(some.length)} of ${num(node.count)} children are selected.`);
    this.select(some, !some.every((child) => this.selected.has(child.run.id)));
  }

  selectionChanged() {
    const ids = [...this.selected.keys()];
    note({ sel: ids.length && ids.length <= MOST_IN_ADDRESS ? writeIDs(ids) : null });
    this.grid.soon();
    this.showFoot();
  }

  /** Selected runs of the address that are not among the loaded ones are fetched, so that they can be worked with. */
  async fillSelection() {
    const missing = [...this.selected].filter(([, run]) => !run).map(([id]) => id);
    if (!missing.length) return;
    const found = await api.runsById(missing).catch(() => []);
    for (const id of missing) this.selected.delete(id);
    for (const run of found) this.selected.set(run.id, run);
    this.selectionChanged();
  }

  get chosenRuns() { return [...this.selected.values()].filter(Boolean); }

  compare() {
    if (this.selected.size > 1) go(to.compare([...this.selected.keys()]));
    else toast("Select two or more runs to compare them (key x).");
  }

  dashboard() {
    if (this.selected.size) go(to.dashboard(this.id, { runs: [...this.selected.keys()].join(",") }));
    else go(to.dashboard(this.id));
  }

  async remove() {
    const runs = this.chosenRuns;
    const trash = this.view !== "ACTIVE_ONLY";
    if (!trash && !(await confirm(`Delete ${count(runs.length, "run")}?`, "Deleted runs are in the trash and can be restored. Their children stay.", "Delete", true))) return;
    await forEach(runs, trash ? "Restored" : "Deleted", (run) => (trash ? api.restoreRun(run.id) : api.deleteRun(run.id)));
    this.selected.clear();
    this.selectionChanged();
    await this.start();
    toast(`${trash ? "Restored" : "Deleted"} ${count(runs.length, "run")}.`);
  }

  async tag() {
    const runs = this.chosenRuns;
    const found = await ask(`Tag ${count(runs.length, "run")}`, [{ name: "key", label: "Key", required: true }, { name: "value", label: "Value" }], "Set tag");
    if (!found) return;
    const failed = await forEach(runs, "Tagged", (run) => api.setTag(run.id, found.key, found.value));
    for (const run of runs) {
      run.tags.set(found.key, found.value);
      const node = this.model.nodes.get(run.id);
      if (node) node.version += 1;
    }
    this.model.touch();
    if (!failed) toast(`Tagged ${count(runs.length, "run")}.`);
  }

  async exportDialog() {
    const selected = this.chosenRuns;
    const what = await dialog("Export", (close) => [
      h("p", {}, selected.length ? `${count(selected.length, "selected run")}.` : this.model.roots.next ? "All runs that the filter finds, with the children that are loaded. Those of further pages are fetched first." : `${count(this.model.nodes.size, "run")}: what the table has loaded.`),
      h("div", { class: "actions" }, button("Cancel", () => close(null)), button("JSON, everything", () => close("json")), button("CSV, these columns", () => close("csv"), { class: "btn pri", autofocus: true })),
    ]);
    if (!what) return;
    if (!selected.length && this.model.roots.next) {
      const shown = toast("Fetching …");
      await this.guard(this.model.loadAll((n) => { shown.firstChild.textContent = `Fetched ${num(n)} runs`; }));
      shown.remove();
    }
    const runs = selected.length ? selected : this.model.rows().filter((row) => row.run && !row.run.context).map((row) => row.run);
    if (what === "json") save(`${this.experiment.name}.json`, runsAsJSON(runs), "application/json");
    else save(`${this.experiment.name}.csv`, runsAsCSV(runs, this.shown.map((id) => csvColumn(id))), "text/csv;charset=utf-8");
  }

  async editNote(old) {
    const found = await ask("Note of the experiment", [{ name: "text", label: "Markdown", value: old, long: true }]);
    if (!found) return;
    await this.guard(api.setExperimentTag(this.id, "mlflow.note.content", found.text));
    this.page.forgetExperiments();
    this.page.redraw();
  }

  // Around the table

  showEmpty() {
    this.message?.remove();
    this.message = null;
    if (this.model?.rows().length) return;
    const clear = button("Clear the filter", () => { this.bar.value = ""; this.setFilter(""); });
    this.message = this.bar.error.textContent ? emptyState("The filter cannot be read", "The reason stands above.", clear) : this.view !== "ACTIVE_ONLY" ? emptyState("The trash is empty", "Deleted runs of this experiment are shown here.")
      : this.filter ? emptyState("No run matches the filter", "Text values stand in quotes, keys with other characters in backticks: metrics.`val/loss` < 0.5", clear)
        : emptyState("No runs yet", "Three lines bring the first one here:", quickStart(this.experiment.name));
    this.host.append(this.message);
  }

  showFoot() {
    const many = this.selected.size;
    const trash = this.view !== "ACTIVE_ONLY";
    const loaded = this.model?.nodes.size ?? 0;
    const more = this.model?.roots.next ? " so far" : "";
    const mark = `${many}.${loaded}.${more}.${this.model?.waiting}.${trash}`;
    if (mark === this.footMark && this.foot.firstChild) return;
    this.footMark = mark;
    const had = this.foot.contains(document.activeElement) ? document.activeElement.textContent : null;
    set(this.foot,
      h("span", {}, h("b", {}, num(loaded)), ` ${loaded === 1 ? "run" : "runs"}${more}`),
      this.model?.waiting > 0 && button(`${count(this.model.waiting, "new run")}: show`, () => this.start(), { class: "btn small" }),
      many > 0 ? [
        h("span", { class: "sel", "aria-live": "polite" }, h("b", {}, num(many)), " selected"),
        !trash && button("Compare", () => this.compare(), { class: "btn pri small", disabled: many < 2 }),
        !trash && button("Dashboard", () => this.dashboard(), { class: "btn small" }),
        !trash && button("Tag", () => this.tag(), { class: "btn small" }),
        button("Export", () => this.exportDialog(), { class: "btn small" }),
        button(trash ? "Restore" : "Delete", () => this.remove(), { class: "btn small" }),
        button("Clear", () => { this.selected.clear(); this.selectionChanged(); }, { class: "btn small quiet" }),
      ] : [h("span", { class: "sp" }), h("span", { class: "hint" }, [["j k", "move"], ["→", "children"], ["x", "select"], ["c", "compare"], ["?", "all keys"]].map(([keys, what]) => [keys.split(" ").map((one) => h("kbd", {}, one)), ` ${what} `]))]);
    if (had) [...this.foot.querySelectorAll("button")].find((b) => b.textContent === had)?.focus();
  }

  press(key) {
    if (key === "/") this.bar.focus();
    else if (key === "c") this.compare();
    else if (key === "d") this.dashboard();
    else if (key === "h") this.grid.focusHead();
    else if (key === "Escape" && this.selected.size) { this.selected.clear(); this.selectionChanged(); } else if (["j", "k", "ArrowDown", "ArrowUp"].includes(key)) this.grid.element.focus();
    else return false;
    return true;
  }
}

/** Times go out as ISO 8601, spans as seconds: other programs read those. */
function csvColumn(id) {
  const one = column(id);
  const read = id === "start" || id === "end" ? (run) => { const t = one.read(run); return t ? new Date(t).toISOString() : ""; }
    : id === "wall" ? (run) => { const t = one.read(run); return t == null ? "" : t / 1000; } : one.read;
  const names = { start: "start_time", end: "end_time", wall: "wall_time_seconds", id: "run_id_again" };
  return { id: names[id] ?? (id[1] === "." ? { m: "metrics.", p: "params.", t: "tags." }[id[0]] + id.slice(2) : id), read };
}
