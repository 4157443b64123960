// The first page: what runs now and ran last, and all experiments.

import { api } from "../lib/api.js";
import { h, set, status } from "../lib/dom.js";
import { ago, exactly, firstLine, span, wall } from "../lib/format.js";
import { live } from "../lib/live.js";
import { emptyState, named, pageHead, quickStart } from "../lib/page.js";
import { note, to } from "../lib/place.js";

const LAST = 8;
const ROWS = 500;

export async function experimentsView(page) {
  named("");
  const all = await page.experiments();
  const ids = all.slice(0, 1000).map((one) => one.experiment_id);
  const names = new Map(all.map((one) => [one.experiment_id, one.name]));
  const last = async () => (ids.length ? (await api.runs({ experiments: ids, top: true, order: ["attributes.start_time DESC"], max: LAST })).runs : []);
  const runs = await last();

  if (!runs.length) {
    set(page.main, pageHead({ title: "Experiments" }),
      h("div", { class: "scroll" }, emptyState("This server is ready", "Three lines bring the first run here:", quickStart()),
        all.length > 1 && table(all, "")));
    live(async () => {
      const found = await last();
      if (found.length && page.isHere()) page.redraw();
      return { running: true, changed: false };
    });
    return;
  }

  const recent = h("div", { class: "tscroll" });
  let shown = "";
  const drawRecent = (list) => {
    const mark = JSON.stringify(list.map((run) => [run.id, run.status, run.name, run.status === "RUNNING" ? Date.now() : 0]));
    if (mark === shown) return;
    shown = mark;
    set(recent, h("table", { class: "lines" }, h("thead", {}, h("tr", {}, ["Run", "Started", "Wall time", "Experiment"].map((t) => h("th", { scope: "col" }, t)))),
      h("tbody", {}, list.map((run) => h("tr", {},
        h("td", { class: "name" }, status(run.status), " ", h("a", { href: to.run(run.id), dir: "auto" }, run.name)),
        h("td", { class: "mut nw", title: exactly(run.start) }, ago(run.start)), h("td", { class: "mut nw" }, span(wall(run))),
        h("td", { class: "name sub", title: names.get(run.experiment) }, h("a", { href: to.experiment(run.experiment), dir: "auto" }, names.get(run.experiment) ?? run.experiment)))))));
  };
  drawRecent(runs);

  const search = h("input", { type: "search", id: "filter", class: "search", placeholder: "Search experiments", "aria-label": "Search experiments", value: page.query.get("q") ?? "", autocomplete: "off", spellcheck: "false" });
  const list = h("div", {});
  const drawList = () => { note({ q: search.value }); set(list, table(all, search.value)); };
  search.addEventListener("input", drawList);
  page.onKey((key) => { if (key !== "/") return false; search.focus(); return true; });
  set(page.main, pageHead({ title: "Experiments" }), h("div", { class: "scroll" },
    h("section", { class: "card", "aria-label": "Latest runs" }, h("h3", {}, h("span", { class: "name" }, "Latest runs")), recent),
    h("section", { class: "card", "aria-label": "Experiments" }, h("h3", {}, h("span", { class: "name" }, "Experiments"), h("small", {}, String(all.length)), h("span", { class: "sp" }), search), list)));
  drawList();
  live(async () => {
    const found = await last();
    const before = shown;
    drawRecent(found);
    return { running: found.some((run) => run.status === "RUNNING"), changed: before !== shown };
  }, runs.some((run) => run.status === "RUNNING"));
}

function table(all, wanted) {
  const text = wanted.trim().toLowerCase();
  const found = all.filter((one) => one.name.toLowerCase().includes(text) || one.experiment_id === text);
  if (!found.length) return h("p", { class: "mut" }, "No experiment has this in its name.");
  const noteOf = (one) => one.tags?.find((t) => t.key === "mlflow.note.content")?.value ?? "";
  return [h("div", { class: "tscroll" }, h("table", { class: "lines" },
    h("thead", {}, h("tr", {}, ["Name", "Note", "Changed", "Id"].map((t) => h("th", { scope: "col" }, t)))),
    h("tbody", {}, found.slice(0, ROWS).map((one) => h("tr", {},
      h("td", { class: "name" }, h("a", { href: to.experiment(one.experiment_id), dir: "auto" }, one.name)),
      h("td", { class: "val mut" }, h("div", { class: "clip", dir: "auto" }, firstLine(noteOf(one)))),
      h("td", { class: "mut nw", title: exactly(one.last_update_time) }, ago(one.last_update_time)),
      h("td", { class: "mut nw mono" }, one.experiment_id)))))),
  found.length > ROWS && h("p", { class: "mut" }, `and ${found.length - ROWS} more: search for them`)];
}
