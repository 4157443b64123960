// The columns of the runs table: which there are, which are shown, what they say and how the server sorts by them.

import { key } from "../lib/api.js";
import { dialog } from "../lib/dialog.js";
import { button, h, icon, set } from "../lib/dom.js";
import { byInterest, num, span, wall, when } from "../lib/format.js";

// Never more than this many columns that nobody chose: an experiment may have thousands of keys.
const MOST = 12;
const FIXED = {
  start: { label: "Started", width: 150, order: "attributes.start_time", read: (run) => run.start || null, show: when },
  end: { label: "Ended", width: 150, order: "attributes.end_time", read: (run) => run.end || null, show: when },
  wall: { label: "Wall time", width: 112, order: "attributes.wall_time", read: wall, show: span, right: true },
  status: { label: "Status", width: 100, order: "attributes.status", read: (run) => run.status },
  user: { label: "User", width: 110, order: "attributes.user_id", read: (run) => run.user },
  id: { label: "Run id", width: 260, order: "attributes.run_id", read: (run) => run.id },
};
const KINDS = {
  m: { prefix: "metrics", read: (run, name) => run.metrics.get(name) },
  p: { prefix: "params", read: (run, name) => run.params.get(name) },
  t: { prefix: "tags", read: (run, name) => run.tags.get(name) },
};

/** The column of an id like `start` or `m.loss`; null for one that is none. */
export function column(id) {
  if (Object.hasOwn(FIXED, id)) return { id, metric: false, show: (v) => v ?? "–", ...FIXED[id] };
  const kind = Object.hasOwn(KINDS, id[0]) && id[1] === "." ? KINDS[id[0]] : null;
  const name = id.slice(2);
  if (!kind || !name) return null;
  const metric = id[0] === "m";
  return {
    id, label: name, metric, right: metric, order: key(kind.prefix, name),
    width: Math.round(Math.max(metric ? 92 : 130, Math.min(200, name.length * 7.4 + 40))),
    read: (run) => kind.read(run, name),
    show: metric ? num : (v) => v ?? "–",
  };
}

/** `-m.loss` for MLflow's `order_by`; null when there is no such order. */
export function orderOf(sort) {
  const down = sort.startsWith("-");
  const id = down ? sort.slice(1) : sort;
  const order = id === "name" ? "attributes.run_name" : column(id)?.order;
  return order ? `${order} ${down ? "DESC" : "ASC"}` : null;
}

/** How often each key is there among runs, and whether it differs. */
export class Keys {
  constructor() {
    this.found = { m: new Map(), p: new Map(), t: new Map() };
    this.seen = new Map();
  }

  add(runs) {
    for (const run of runs) {
      if (this.seen.get(run.id) === run) continue;
      const isNew = !this.seen.has(run.id);
      this.seen.set(run.id, run);
      for (const [kind, map] of [["m", run.metrics], ["p", run.params], ["t", run.tags]]) {
        for (const [name, value] of map) {
          const entry = this.found[kind].get(name);
          if (!entry) this.found[kind].set(name, { count: 1, first: value, differs: false });
          else {
            if (isNew) entry.count += 1;
            if (entry.first !== value) entry.differs = true;
          }
        }
      }
    }
  }

  /** Names of a kind, the most frequent first. */
  names(kind) {
    return [...this.found[kind]].sort((a, b) => b[1].count - a[1].count || byInterest(a[0], b[0])).map(([name]) => name);
  }

  /** The columns of somebody who chose none: metrics, then params that differ. */
  standard() {
    const params = this.names("p").filter((name) => this.found.p.get(name).differs);
    const metrics = this.names("m");
    const few = metrics.slice(0, Math.max(MOST - params.length, 8)).slice(0, MOST);
    const values = [...few.map((n) => `m.${n}`), ...params.slice(0, MOST - few.length).map((n) => `p.${n}`)];
    // On a narrow screen values come before bookkeeping.
    return matchMedia("(max-width: 820px)").matches ? [...values, "wall", "start"] : ["start", "wall", ...values];
  }
}

/**
 * The dialog in which columns are chosen, ordered and pinned; answers `{ ids, pins }`, null when dismissed, no ids for the
 * standard ones.
 */
export function chooseColumns(shown, pinned, keys) {
  return dialog("Columns", (close) => {
    const chosen = [...shown];
    const pins = new Set(pinned);
    const search = h("input", { type: "search", placeholder: "Search keys", "aria-label": "Search keys", autocomplete: "off", spellcheck: "false" });
    const picked = h("ol", { class: "picked" });
    const offered = h("div", { class: "offered" });
    const title = (id) => {
      const kind = { m: "metric", p: "param", t: "tag" }[id[1] === "." ? id[0] : ""] || "";
      return [h("span", { class: "key" }, column(id)?.label ?? id), kind && h("small", {}, kind)];
    };
    const pin = (id) => {
      if (!pins.delete(id)) pins.add(id);
      draw();
      picked.children[chosen.indexOf(id)]?.querySelector(".pinner").focus();
    };
    const move = (at, by) => {
      const to = at + by;
      if (to < 0 || to >= chosen.length) return;
      [chosen[at], chosen[to]] = [chosen[to], chosen[at]];
      draw();
      picked.children[to]?.querySelector(by < 0 ? ".up" : ".down")?.focus();
    };
    const draw = () => {
      set(picked, chosen.map((id, at) => h("li", {}, title(id),
        button(icon("pin"), () => pin(id), { class: "btn mini pinner", "aria-label": `Pin ${column(id)?.label ?? id}`, "aria-pressed": String(pins.has(id)), title: "Stays at the left" }),
        button("↑", () => move(at, -1), { class: "btn mini up", "aria-label": `Move ${column(id)?.label ?? id} left`, disabled: at === 0 }),
        button("↓", () => move(at, 1), { class: "btn mini down", "aria-label": `Move ${column(id)?.label ?? id} right`, disabled: at === chosen.length - 1 }),
        button("×", () => { chosen.splice(at, 1); draw(); }, { class: "btn mini", "aria-label": `Remove ${column(id)?.label ?? id}` }))));
      const wanted = search.value.toLowerCase();
      const all = [...Object.keys(FIXED), ...["m", "p", "t"].flatMap((k) => keys.names(k).map((n) => `${k}.${n}`))]
        .filter((id) => !chosen.includes(id) && (column(id)?.label ?? id).toLowerCase().includes(wanted));
      set(offered, all.slice(0, 100).map((id) => h("button", { type: "button", on: { click: () => { chosen.push(id); draw(); } } }, title(id))),
        all.length > 100 && h("p", { class: "mut" }, `and ${all.length - 100} more: search for them`),
        !all.length && h("p", { class: "mut" }, "No other keys in the loaded runs."));
    };
    search.addEventListener("input", draw);
    draw();
    return [
      h("div", { class: "columns" }, h("section", {}, h("h3", {}, "Shown, from left to right"), picked),
        h("section", {}, h("h3", {}, "To add"), search, offered)),
      h("div", { class: "actions" }, button("Standard columns", () => close({ ids: [], pins: [] })), h("span", { class: "sp" }),
        button("Cancel", () => close(null)), button("Apply", () => close({ ids: chosen, pins: chosen.filter((id) => pins.has(id)) }), { class: "btn pri" })),
    ];
  }, { wide: true });
}
