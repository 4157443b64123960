// The runs table on the screen: a tree grid that keeps but the rows in sight in the document.

import { button, h, icon, set, status } from "../lib/dom.js";
import { count, exactly } from "../lib/format.js";
import { to } from "../lib/place.js";

const OVERSCAN = 6;

export class Grid {
  /** `host` takes the grid; `on`: sort, more, toggle, open, select, selectChildren, resize (to 0 is the standard), move, menu. */
  constructor(host, { rows, isSelected, isTree, on, label }) {
    Object.assign(this, { rows, isSelected, isTree, on });
    this.columns = [];
    this.most = new Map();
    this.cursor = -1;
    this.drawn = new Map();
    this.head = h("div", { class: "thead", role: "row", "aria-rowindex": "1", on: { keydown: (event) => this.pressHead(event) } });
    this.headAt = 0;
    this.body = h("div", { class: "tbody", role: "rowgroup" });
    this.element = h("div", {
      class: "grid", role: "treegrid", tabindex: "0", "aria-label": label, "aria-multiselectable": "true",
      on: {
        scroll: () => this.soon(), keydown: (event) => this.press(event), focus: () => this.focused(),
        click: (event) => this.click(event),
      },
    }, h("div", { role: "rowgroup", class: "theadgroup" }, this.head), this.body);
    this.watch = new ResizeObserver(() => {
      // How many pinned columns may stay depends on the room.
      if (this.columns.some((c) => c.pinned) && this.room !== this.element.clientWidth) this.setColumns(this.columns, this.given, this.sort);
      this.soon();
    });
    this.watch.observe(this.element);
    host.append(this.element);
    this.height = matchMedia("(max-width: 820px)").matches ? 44 : 34;
  }

  dispose() {
    this.watch.disconnect();
    cancelAnimationFrame(this.frame);
  }

  soon() {
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.draw(); });
  }

  /** New columns, widths or sort: everything is drawn anew. */
  setColumns(columns, widths, sort) {
    this.columns = columns;
    this.sort = sort;
    this.given = widths;
    this.room = this.element.clientWidth;
    const focused = this.head.contains(document.activeElement) && document.activeElement.closest(".th").dataset.column;
    this.widths = [widths.name ?? (this.height === 44 ? 214 : Math.max(340, Math.min(420, this.element.clientWidth * 0.32))), ...columns.map((c) => widths[c.id] ?? c.width)];
    this.total = this.widths.reduce((a, b) => a + b, 0);
    // Pinned columns stay at the left as long as they leave room for the others.
    let left = 0;
    this.lefts = this.widths.map((width, at) => {
      const place = left;
      if (at && !columns[at - 1].pinned) return null;
      left += width;
      return !at || left <= this.room * 0.7 ? place : null;
    });
    this.element.setAttribute("aria-colcount", columns.length + 1);
    this.headAt = Math.min(this.headAt, columns.length);
    set(this.head, this.header({ id: "name", label: "Run" }, 0), columns.map((c, at) => this.header(c, at + 1)));
    this.head.style.minWidth = `${this.total}px`;
    this.drawn.forEach((one) => one.element.remove());
    this.drawn.clear();
    this.measure();
    this.soon();
    if (focused) this.focusHead(Math.max(0, columns.findIndex((c) => c.id === focused) + 1));
  }

  /** Class and place of a cell that stays while the others scroll. */
  pinnedAt(at) { return this.lefts[at] == null ? "" : at ? " pin pinned" : " pin"; }
  place(at) { return { width: `${this.widths[at]}px`, left: this.lefts[at] == null ? null : `${this.lefts[at]}px` }; }

  // The heads are one stop of the tab key; arrows move between them.

  focusHead(at = this.headAt) {
    this.headAt = Math.max(0, Math.min(this.columns.length, at));
    [...this.head.children].forEach((cell, index) => cell.querySelector(".sort").setAttribute("tabindex", index === this.headAt ? "0" : "-1"));
    const cell = this.head.children[this.headAt];
    cell.querySelector(".sort").focus({ preventScroll: true });
    this.reveal(this.headAt);
  }

  /** Scrolls sideways until a column stands free of the pinned ones. */
  reveal(at) {
    if (this.lefts[at] != null) return;
    const from = this.widths.slice(0, at).reduce((a, b) => a + b, 0);
    const pinned = this.widths.reduce((sum, width, one) => sum + (this.lefts[one] == null ? 0 : width), 0);
    const { scrollLeft, clientWidth } = this.element;
    if (from - pinned < scrollLeft) this.element.scrollLeft = from - pinned;
    else if (from + this.widths[at] > scrollLeft + clientWidth) this.element.scrollLeft = from + this.widths[at] - clientWidth;
  }

  pressHead(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = [...this.head.children].indexOf(event.target.closest(".th"));
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: this.columns.length }[event.key];
    if (to != null) this.focusHead(to);
    else if (event.key === "ArrowDown" || event.key === "ContextMenu") this.openMenu(at);
    else if (event.key === "Escape") this.element.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  openMenu(at) {
    const cell = this.head.children[at];
    this.headAt = at;
    cell.querySelector(".sort").focus({ preventScroll: true });
    this.on.menu(cell.querySelector(".colmenu"), cell.dataset.column, this.widths[at]);
  }

  header(column, at) {
    const down = this.sort === `-${column.id}`;
    const sorted = down || this.sort === column.id;
    const arrow = sorted && h("i", { "aria-hidden": "true" }, down ? "↓" : "↑");
    const label = [h("span", { class: "lab" }, column.label), arrow];
    const cell = h("div", {
      class: `th${this.pinnedAt(at)}${column.right ? " num" : ""}`, role: "columnheader", "aria-colindex": at + 1,
      "aria-sort": sorted ? (down ? "descending" : "ascending") : null, style: this.place(at),
      draggable: at ? "true" : null, data: { column: column.id }, title: column.label,
      on: at ? {
        contextmenu: (event) => { event.preventDefault(); this.openMenu(at); },
        dragstart: (event) => event.dataTransfer.setData("text/x-column", column.id),
        dragover: (event) => event.preventDefault(),
        drop: (event) => { event.preventDefault(); this.on.move(event.dataTransfer.getData("text/x-column"), column.id); },
      } : null,
      // Where nothing hovers, the menu is the way to everything; sorting is its first part.
    }, button(label, () => (matchMedia("(hover: none)").matches ? this.openMenu(at) : this.on.sort(column.id)), { class: "sort", "aria-label": `Sort by ${column.label}`, tabindex: at === this.headAt ? "0" : "-1" }),
    button(icon("more"), () => this.openMenu(at), { class: "colmenu", tabindex: "-1", "aria-label": `Column ${column.label}`, "aria-haspopup": "menu", "aria-expanded": "false" }),
    h("span", { class: "grip", on: { pointerdown: (event) => this.drag(event, column.id, at, cell), dragstart: (e) => e.preventDefault() } }));
    return cell;
  }

  drag(event, id, at, cell) {
    event.preventDefault();
    event.stopPropagation();
    cell.draggable = false;
    const from = event.clientX;
    const width = this.widths[at];
    const grip = event.target;
    grip.setPointerCapture(event.pointerId);
    const size = (e) => Math.max(60, Math.min(900, width + e.clientX - from));
    const move = (e) => { cell.style.width = `${size(e)}px`; };
    const end = (e) => {
      grip.removeEventListener("pointermove", move);
      cell.draggable = at > 0;
      this.on.resize(id, size(e));
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", end, { once: true });
  }

  /** The largest value of each metric column, for the bars; null where bars would mislead. */
  measure() {
    this.most.clear();
    const rows = this.rows().filter((row) => row.run);
    for (const column of this.columns) {
      if (!column.metric) continue;
      let most = -Infinity;
      let least = Infinity;
      let values = 0;
      for (const row of rows) {
        const value = column.read(row.run);
        if (!Number.isFinite(value)) continue;
        values += 1;
        if (value > most) most = value;
        if (value < least) least = value;
      }
      if (values && least >= 0 && most > 0) this.most.set(column.id, { most, marks: values > 1 && least < most });
    }
  }

  /** The data changed: rows that say something else are drawn anew, all others stay as they are. */
  update() {
    this.measure();
    this.element.setAttribute("aria-rowcount", this.rows().length + 1);
    this.soon();
  }

  draw() {
    const rows = this.rows();
    const { scrollTop, clientHeight } = this.element;
    if (this.cursor >= rows.length) this.cursor = rows.length - 1;
    // Whoever was here before the rows begins with the first.
    if (this.cursor < 0 && rows.length && document.activeElement === this.element) this.cursor = 0;
    this.body.style.height = `${rows.length * this.height}px`;
    this.body.style.minWidth = `${this.total}px`;
    const from = Math.max(0, Math.floor(scrollTop / this.height) - OVERSCAN);
    const until = Math.min(rows.length, Math.ceil((scrollTop + clientHeight) / this.height) + OVERSCAN);
    const wanted = new Set();
    for (let at = from; at < until; at++) {
      const row = rows[at];
      // The next page comes by itself: this row is seen for a moment only.
      if (row.more) this.on.more(row.more);
      const id = row.more ? `more-${row.more.run?.id ?? ""}` : row.run.id;
      wanted.add(id);
      const mark = `${row.version}.${at}.${row.place}.${this.isSelected(id)}.${this.cursor === at}.${row.open}.${this.scale}`;
      const old = this.drawn.get(id);
      if (old?.mark === mark) continue;
      const element = row.more ? this.moreRow(row, at) : this.row(row, at);
      old?.element.replaceWith(element);
      this.drawn.set(id, { element, mark });
    }
    for (const [id, one] of this.drawn) {
      if (wanted.has(id)) continue;
      one.element.remove();
      this.drawn.delete(id);
    }
    // Whoever hears the page hears the rows in their order.
    let before = null;
    for (const id of wanted) {
      const { element } = this.drawn.get(id);
      if (element.previousElementSibling !== before || !element.isConnected) {
        if (before) before.after(element);
        else this.body.prepend(element);
      }
      before = element;
    }
    const current = rows[this.cursor];
    if (current?.run) this.element.setAttribute("aria-activedescendant", `run-${current.run.id}`);
    else this.element.removeAttribute("aria-activedescendant");
  }

  get scale() {
    return [...this.most.values()].map((m) => m.most).join();
  }

  moreRow(row, at) {
    return h("div", { class: "tr more", role: "row", "aria-rowindex": at + 2, "aria-level": row.level, style: { top: `${at * this.height}px` } },
      h("div", { class: "td pin", role: "gridcell" }, "Loading more runs …"));
  }

  row(node, at) {
    const { run } = node;
    const selected = this.isSelected(run.id);
    const hasChildren = node.count > 0 || node.children.length > 0;
    const bad = (node.status.FAILED ?? 0) + (node.status.KILLED ?? 0);
    const going = node.status.RUNNING ?? 0;
    const total = Math.max(node.count, node.children.length);
    const name = h("div", { class: "td pin", role: "gridcell", "aria-colindex": "1", style: { ...this.place(0), "padding-left": `${10 + (node.level - 1) * (this.height === 44 ? 12 : 20)}px` } },
      h("input", { type: "checkbox", tabindex: "-1", checked: selected, "aria-label": `Select ${run.name}` }),
      hasChildren
        ? h("button", { type: "button", class: "tw", tabindex: "-1", "aria-expanded": String(node.open), "aria-label": `${node.open ? "Close" : "Open"} children of ${run.name}` }, icon("chevron"))
        : h("span", { class: "tw" }),
      status(run.status),
      h("a", { href: to.run(run.id), tabindex: "-1", title: run.name, dir: "auto" }, run.name),
      this.isTree() && run.parent && !node.parent.run && h("small", { class: "orphan", title: "Its parent is deleted or in another experiment" }, "↥", h("span", { class: "opt" }, " parent deleted or elsewhere")),
      hasChildren && h("small", { title: count(total, "child", "children") }, total,
        bad > 0 && h("span", { class: "badn" }, ` · ${bad}`, h("span", { class: "opt" }, " failed")), going > 0 && h("span", { class: "going" }, ` · ${going}`, h("span", { class: "opt" }, " running"))));
    return h("div", {
      class: `tr${this.cursor === at ? " cur" : ""}${run.context ? " ctx" : ""}`, role: "row", id: `run-${run.id}`, data: { at },
      "aria-rowindex": at + 2, "aria-level": node.level, "aria-posinset": node.place, "aria-setsize": node.parent.next ? -1 : node.parent.children.length,
      "aria-selected": String(selected), "aria-expanded": hasChildren ? String(node.open) : null,
      style: { top: `${at * this.height}px`, "min-width": `${this.total}px` },
    }, name, this.columns.map((column, index) => this.cell(column, run, index + 1)));
  }

  cell(column, run, at) {
    const value = column.read(run);
    const shown = column.show(value);
    const scale = this.most.get(column.id);
    const hot = scale?.marks && value === scale.most;
    const isTime = column.id === "start" || column.id === "end";
    const title = isTime ? exactly(value) : column.metric && value != null ? `${value}${hot ? ", the largest in this column" : ""}` : shown;
    return h("div", {
      class: `td ${column.right ? "num" : "txt"}${column.metric ? "" : " mut"}${hot ? " hot" : ""}${this.pinnedAt(at)}`, role: "gridcell", "aria-colindex": at + 1,
      title, style: { ...this.place(at), "--w": scale && value > 0 ? (value / scale.most).toFixed(4) : null },
    }, h("span", { dir: column.right ? null : "auto" }, column.id === "status" ? status(value, true) : String(shown).slice(0, 300)));
  }

  focused() {
    if (this.cursor < 0 && this.rows().length) this.cursor = 0;
    this.soon();
  }

  click(event) {
    const row = event.target.closest(".tr");
    if (!row || !("at" in row.dataset)) return;
    const at = +row.dataset.at;
    const node = this.rows()[at];
    this.cursor = at;
    if (event.target.closest(".tw[aria-expanded]")) this.on.toggle(node);
    else if (event.target.matches("input")) {
      this.on.select(node, event.shiftKey ? this.between(at) : null);
      this.anchor = at;
    }
    this.soon();
  }

  between(at) {
    const from = this.anchor ?? at;
    return this.rows().slice(Math.min(from, at), Math.max(from, at) + 1).filter((row) => row.run);
  }

  go(at) {
    const rows = this.rows();
    this.cursor = Math.max(0, Math.min(rows.length - 1, at));
    const top = this.cursor * this.height;
    const head = this.head.offsetHeight;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    const room = this.element.clientHeight - head - this.height;
    if (top > this.element.scrollTop + room) this.element.scrollTop = top - room;
    this.soon();
  }

  press(event) {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = this.rows();
    const node = rows[this.cursor];
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.height) - 2);
    const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 };
    if (event.key in steps) this.go(this.cursor + steps[event.key]);
    else if (!node?.run) return;
    else if (event.key === "ArrowRight") {
      if (!node.open) this.on.toggle(node, true);
      else if (node.children.length) this.go(this.cursor + 1);
    } else if (event.key === "ArrowLeft") {
      if (node.open) this.on.toggle(node, false);
      else if (node.parent.run) this.go(rows.indexOf(node.parent));
    } else if (event.key === "x" || event.key === " ") this.on.select(node, null);
    else if (event.key === "X") this.on.selectChildren(node);
    else if (event.key === "Enter") this.on.open(node.run);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
