// The runs of a table as a tree: loaded in pages, children when they are opened, to any depth, and kept up to date.

import { api } from "../lib/api.js";
import { byName } from "../lib/format.js";
import { orderOf } from "./columns.js";

const PAGE = 200;
const PARENT = "tags.mlflow.parentRunId";
const isOpenEnded = (run) => run.status === "RUNNING" || run.status === "SCHEDULED";

export class RunTree {
  /** `settings`: `{ experiments, filter, sort, tree, view }`; `changed` is called when there is something to draw. */
  constructor(settings, changed) {
    Object.assign(this, settings);
    this.changed = changed;
    this.roots = { children: [], level: 0, next: null, loading: null, open: true };
    this.nodes = new Map();
    this.aborter = new AbortController();
    this.list = null;
    this.newest = 0;
    this.waiting = 0;
    this.version = 0;
  }

  dispose() { this.aborter.abort(); }

  get runs() { return [...this.nodes.values()].map((node) => node.run); }
  get isStandardOrder() { return this.sort === "-start"; }
  run(id) { return this.nodes.get(id)?.run; }

  /** The first page; what goes wrong is thrown. */
  async start() {
    await this.load(this.roots);
    this.newest = this.isStandardOrder ? Math.max(0, ...this.roots.children.map((node) => node.run.start)) : Date.now();
  }

  order(node) {
    const order = orderOf(this.sort);
    // Children stand in the order in which they began, unless another order was asked for.
    if (node !== this.roots && this.isStandardOrder) return ["attributes.start_time ASC", "attributes.run_name ASC"];
    return order ? [order] : [];
  }

  query(node) {
    if (node !== this.roots) return `${PARENT} = '${node.run.id}'`;
    if (this.filter) return this.filter;
    return this.tree ? `${PARENT} IS NULL` : "";
  }

  /** The next page of a node's children, or of the top. */
  load(node) {
    node.loading ??= this.fetch(node).finally(() => { node.loading = null; });
    return node.loading;
  }

  async fetch(node) {
    const { signal } = this.aborter;
    const page = await api.runs({
      experiments: this.experiments, filter: this.query(node), order: this.order(node), max: PAGE, token: node.next,
      view: node === this.roots ? this.view : "ACTIVE_ONLY",
    }, signal);
    node.next = page.next;
    node.loaded = true;
    if (node === this.roots && this.filter && this.tree) await this.hang(page.runs, signal);
    else for (const run of page.runs) this.add(run, node);
    this.touch();
    if (this.tree) await this.count(page.runs.map((run) => run.id), signal);
  }

  /** What a filter found goes below its parents, which are fetched where they are missing. */
  async hang(found, signal) {
    const known = new Map(found.map((run) => [run.id, run]));
    const has = (id) => known.has(id) || this.nodes.has(id);
    for (let depth = 0; depth < 20; depth++) {
      const missing = [...new Set([...known.values()].map((run) => run.parent).filter((id) => id && !has(id)))];
      if (!missing.length) break;
      const parents = await api.runsById(missing, this.experiments, signal);
      if (!parents.length) break;
      for (const run of parents) known.set(run.id, { ...run, context: true });
    }
    const parents = new Set();
    const place = (run, above = []) => {
      const at = this.nodes.get(run.id);
      if (at) return at;
      const parent = run.parent && !above.includes(run.id) && (this.nodes.get(run.parent) || (known.has(run.parent) && place(known.get(run.parent), [...above, run.id])));
      const node = this.add(run, parent || this.roots);
      if (parent) {
        parent.open = parent.loaded = true;
        parents.add(parent);
      }
      return node;
    };
    for (const run of found) {
      const node = place(run);
      if (node.run.context) { node.run = run; node.version += 1; }
    }
    if (!this.isStandardOrder) return;
    for (const parent of parents) parent.children.sort((a, b) => a.run.start - b.run.start || byName(a.run, b.run));
  }

  add(run, parent, first = false) {
    const known = this.nodes.get(run.id);
    if (known) return known;
    const node = {
      run, parent, level: parent.level + 1, children: [], next: null, loaded: false, loading: null, open: false,
      count: 0, status: {}, version: 0,
    };
    this.nodes.set(run.id, node);
    if (first) parent.children.unshift(node);
    else parent.children.push(node);
    return node;
  }

  async count(ids, signal) {
    if (!ids.length) return;
    const counts = await api.childCounts(ids, signal);
    let isNews = false;
    for (const id of ids) {
      const node = this.nodes.get(id);
      const found = counts.get(id);
      if (!node || (found?.children ?? 0) === node.count && JSON.stringify(found?.status ?? {}) === JSON.stringify(node.status)) continue;
      node.count = found?.children ?? 0;
      node.status = found?.status ?? {};
      node.version += 1;
      isNews = true;
    }
    if (isNews) this.touch();
  }

  async open(node) {
    if (!node.count && !node.children.length) return;
    node.open = true;
    node.version += 1;
    this.touch();
    if (!node.loaded) await this.load(node);
  }

  close(node) {
    node.open = false;
    node.version += 1;
    this.touch();
  }

  /** All pages of the top, for exports; opens nothing. */
  async loadAll(progress) {
    while (this.roots.next) {
      await this.load(this.roots);
      progress(this.nodes.size);
    }
  }

  touch() {
    this.list = null;
    this.version += 1;
    this.changed();
  }

  /** What is to be seen, from top to bottom: nodes, and `{ more: node }` where a page is still to come. */
  rows() {
    if (this.list) return this.list;
    const rows = [];
    const walk = (node) => {
      node.children.forEach((child, index) => {
        child.place = index + 1;
        rows.push(child);
        if (child.open) walk(child);
      });
      if (node.next) rows.push({ more: node, level: node.level + 1 });
    };
    walk(this.roots);
    this.list = rows;
    return rows;
  }

  /** Asks for what may have changed: runs that were going on, and runs that are new. */
  async refresh() {
    const { signal } = this.aborter;
    if (this.view !== "ACTIVE_ONLY") return { running: false, changed: false };
    const going = [...this.nodes.values()].filter((node) => isOpenEnded(node.run)).slice(0, 200);
    let changed = false;
    const parents = new Set();
    if (going.length) {
      for (const run of await api.runsById(going.map((node) => node.run.id), this.experiments, signal)) {
        const node = this.nodes.get(run.id);
        if (!node || same(node.run, run)) {
          // Its wall time goes on.
          if (node) node.version += 1;
          continue;
        }
        if (run.status !== node.run.status && run.parent) parents.add(run.parent);
        run.context = node.run.context;
        node.run = run;
        node.version += 1;
        changed = true;
      }
    }
    changed = (await this.arrivals(parents, signal)) || changed;
    if (parents.size && this.tree) await this.count([...parents].filter((id) => this.nodes.has(id)), signal);
    if (changed || going.length) this.touch();
    return { running: going.length > 0, changed };
  }

  async arrivals(parents, signal) {
    const since = `attributes.start_time > ${this.newest}`;
    const page = await api.runs({
      experiments: this.experiments, filter: this.filter ? `(${this.filter}) AND ${since}` : since,
      order: ["attributes.start_time ASC"], max: PAGE,
    }, signal);
    let changed = false;
    const added = [];
    for (const run of page.runs) {
      this.newest = Math.max(this.newest, run.start);
      if (this.nodes.has(run.id)) continue;
      changed = true;
      if (run.parent) parents.add(run.parent);
      const parent = this.tree && run.parent ? this.nodes.get(run.parent) : this.roots;
      if (!parent) continue;
      if (!this.isStandardOrder) this.waiting += 1;
      else if (parent === this.roots) added.push(this.add(run, parent, true));
      else if (parent.loaded && !parent.next) added.push(this.add(run, parent));
    }
    if (added.length && this.tree) await this.count(added.map((node) => node.run.id), signal);
    return changed;
  }

  /** Takes runs out that were deleted or restored. */
  remove(ids) {
    for (const id of ids) {
      const node = this.nodes.get(id);
      if (!node) continue;
      node.parent.children = node.parent.children.filter((child) => child !== node);
      if (node.parent.count) node.parent.count -= 1;
      if (node.parent.version != null) node.parent.version += 1;
      const forget = (one) => { this.nodes.delete(one.run.id); one.children.forEach(forget); };
      forget(node);
    }
    this.touch();
  }
}

/** Whether a run says the same as before. */
export function same(a, b) {
  const equal = (x, y) => x.size === y.size && [...x].every(([k, v]) => Object.is(y.get(k), v));
  return a.status === b.status && a.end === b.end && a.name === b.name && equal(a.metrics, b.metrics)
    && equal(a.steps, b.steps) && equal(a.params, b.params) && equal(a.tags, b.tags);
}
