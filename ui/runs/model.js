// The runs of a table as a tree: loaded in pages, children when they are opened, to any depth, and kept up to date.

import { api, same } from "../lib/api.js";
import { byName } from "../lib/format.js";
import { orderOf } from "./columns.js";

const PAGE = 200;
// The first page is small, for it is waited for.
const FIRST = 32;
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
  get isGoing() { return [...this.nodes.values()].some((node) => isOpenEnded(node.run)); }
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

  /** The next page of a node's children, or of the top. */
  load(node) {
    node.loading ??= this.fetch(node).finally(() => { node.loading = null; });
    return node.loading;
  }

  async fetch(node) {
    const { signal } = this.aborter;
    const isTop = node === this.roots;
    const page = await api.runs({
      experiments: this.experiments, order: this.order(node), max: node.next ? PAGE : FIRST, token: node.next,
      ...(isTop ? { filter: this.filter, top: this.tree && !this.filter, view: this.view } : { parent: node.run.id }),
    }, signal);
    node.next = page.next;
    node.loaded = true;
    if (isTop && this.filter && this.tree) await this.hang(page.runs, signal);
    else for (const run of page.runs) this.add(run, node);
    this.touch();
  }

  /** What a filter found goes below its parents, which are fetched where they are missing. */
  async hang(found, signal) {
    const known = new Map(found.map((run) => [run.id, run]));
    const has = (id) => known.has(id) || this.nodes.has(id);
    for (let depth = 0; depth < 20; depth++) {
      const missing = [...new Set([...known.values()].map((run) => run.parent).filter((id) => id && !has(id)))];
      if (!missing.length) break;
      // A parent that is deleted or elsewhere holds nothing here, as in the tree without a filter.
      const parents = (await api.runsById(missing, { signal })).filter((run) => !run.deleted && this.experiments.includes(run.experiment));
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
      count: this.tree ? run.below.children : 0, status: run.below.status, version: 0,
    };
    this.nodes.set(run.id, node);
    if (first) parent.children.unshift(node);
    else parent.children.push(node);
    return node;
  }

  /** Takes over how many children a run has now. */
  count(node, { below }) {
    if (!this.tree || below.children === node.count && JSON.stringify(below.status) === JSON.stringify(node.status)) return;
    node.count = below.children;
    node.status = below.status;
    node.version += 1;
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
      for (const run of await api.runsById(going.map((node) => node.run.id), { signal })) {
        const node = this.nodes.get(run.id);
        if (node) this.count(node, run);
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
    const changedParents = [...parents].filter((id) => this.tree && this.nodes.has(id));
    if (changedParents.length) for (const run of await api.runsById(changedParents, { signal })) this.count(this.nodes.get(run.id) ?? {}, run);
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
    for (const run of page.runs) {
      this.newest = Math.max(this.newest, run.start);
      if (this.nodes.has(run.id)) continue;
      changed = true;
      if (run.parent) parents.add(run.parent);
      const parent = this.tree && run.parent ? this.nodes.get(run.parent) : this.roots;
      if (!parent) continue;
      if (!this.isStandardOrder) this.waiting += 1;
      else if (parent === this.roots) this.add(run, parent, true);
      else if (parent.loaded && !parent.next) this.add(run, parent);
    }
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
