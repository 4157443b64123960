// Cards: a title, a picture, and the picture as a file.

import { barChart, lineChart, parallelChart, scatterChart } from "../charts/charts.js";
import { api } from "./api.js";
import { toast } from "./dialog.js";
import { button, h, set } from "./dom.js";
import { save } from "./export.js";
import { whenSeen } from "./page.js";
import { note, readIDs, recall, remember, writeIDs } from "./place.js";

/** Charts that belong together: what is pointed at in one is marked in all, and in tables that listen. */
export class Group {
  constructor() {
    this.charts = new Set();
    this.listeners = [];
  }

  onHover(listener) { this.listeners.push(listener); }

  /** `from` is the chart that was pointed at, if it was one. */
  hover(id, from) {
    for (const chart of this.charts) if (chart !== from) chart.highlight(id);
    for (const listener of this.listeners) listener(id);
  }

  dispose() {
    for (const chart of this.charts) chart.destroy();
    this.charts.clear();
  }
}

// So many points a card has together: more would lie on each other, and every peak is among them. At first it has fewer, so
// that a board of many curves can be read at once.
const POINTS = 750;
const FIRST_POINTS = 250;
const KINDS = { bar: barChart, line: lineChart, scatter: scatterChart, parallel: parallelChart };

/** A card with a chart; `extra` are controls of its head. The chart is drawn once the card is in the page. */
export function chartCard(group, { kind, title, sub, options, wide, extra, open }) {
  const place = h("div", { class: "chart" });
  let chart = null;
  const element = h("section", { class: `card${wide ? " wide" : ""}`, "aria-label": title },
    h("h3", {}, h("span", { class: "name", title }, title), sub && h("small", {}, sub), h("span", { class: "sp" }), extra,
      button("PNG", async () => {
        try {
          save(`${title}.png`, await chart.toPNG());
        } catch (error) {
          toast(`The picture could not be made: ${error.message}`, true);
        }
      }, { class: "quiet", "aria-label": `Save ${title} as PNG` })),
    place);
  const draw = (changes) => {
    if (chart) return chart.update(changes);
    if (!element.isConnected) return null;
    chart = KINDS[kind](place, {
      label: title, ...options, ...changes,
      onHover: (row) => group.hover(row?.id ?? null, chart),
      onSelect: open ? (row, event) => open(row, event) : undefined,
    });
    group.charts.add(chart);
    return chart;
  };
  return { element, draw };
}

/**
 * A card with the curves of one metric; points come thinned from the server when the card comes into sight.
 * `runs` are runs with a colour each; `told` hears what came.
 */
export function curveCard(group, { metric, runs, settings, open, sub, told }) {
  const card = chartCard(group, { kind: "line", title: metric, sub, options: { series: [] }, open });
  let series = [];
  const share = (points) => Math.max(10, Math.min(250, Math.ceil(points / runs.length)));
  let most = share(FIRST_POINTS);
  const options = () => ({ series, x: settings.x, yLog: settings.log, smoothing: settings.smooth, legend: runs.length > 1 });
  const load = async () => {
    const found = await api.series(runs.map((run) => run.id), metric, most);
    series = runs.filter((run) => found.has(run.id)).map((run) => ({ id: run.id, name: run.name, color: run.color, start: run.start, ...found.get(run.id) }));
    card.draw(options());
    told?.(series);
    if (most === share(POINTS)) return;
    most = share(POINTS);
    if (series.some((one) => one.points.length < one.total)) setTimeout(() => load().catch(() => {}), 200);
  };
  whenSeen(card.element, () => {
    card.draw(options());
    load().catch((error) => card.element.append(h("p", { class: "err" }, error.message)));
  });
  return { element: card.element, draw: () => card.draw(options()), reload: () => load().catch(() => {}), metric };
}

/** How curves are drawn: as the address says, else as chosen last in this experiment. `keep` takes changes. */
export function curveSettings(experiment, query) {
  const name = `curves.${experiment}`;
  const [x, smooth, scale] = readIDs(query?.get("curve"));
  const settings = { x: "step", smooth: 0, log: false, ...recall(name, null), ...(scale && { x, smooth: +smooth || 0, log: scale === "log" }) };
  const address = () => ({ curve: writeIDs([settings.x, String(settings.smooth), settings.log ? "log" : "linear"]) });
  let timer = 0;
  const keep = (changes) => {
    Object.assign(settings, changes);
    remember(name, settings);
    // A slider says much in a moment; browsers bear few changes of the address.
    const { pathname } = location;
    clearTimeout(timer);
    timer = setTimeout(() => { if (location.pathname === pathname) note(address()); }, 250);
  };
  return { settings, address, keep };
}

/** How curves are drawn: over steps or time, smoothed, on a logarithmic scale; `change` is called with what was chosen. */
export function curveControls(settings, change) {
  const smooth = h("input", { type: "range", min: "0", max: "0.99", step: "0.01", value: String(settings.smooth), "aria-label": "Smoothing",
    on: { input: () => { set(shown, smooth.value); change({ smooth: +smooth.value }); } } });
  const shown = h("output", {}, String(settings.smooth));
  return h("div", { class: "controls" },
    h("label", {}, "Over ", h("select", { class: "btn", "aria-label": "Horizontal axis", on: { change: (event) => change({ x: event.target.value }) } },
      [["step", "step"], ["relative", "time since start"], ["wall", "time"]].map(([value, label]) => h("option", { value, selected: settings.x === value }, label)))),
    h("label", {}, "Smoothing ", smooth, shown),
    h("label", {}, h("input", { type: "checkbox", checked: settings.log, on: { change: (event) => change({ log: event.target.checked }) } }), " log scale"));
}
