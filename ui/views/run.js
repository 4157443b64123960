// One run: what came out, its metrics with their curves, params, tags, notes, children, inputs, models and files.

import { api, same } from "../lib/api.js";
import { ask, confirm, copy, toast } from "../lib/dialog.js";
import { button, h, set, status } from "../lib/dom.js";
import { chartCard, curveCard, curveControls, curveSettings, Group } from "../lib/cards.js";
import { ago, count, exactly, isLoss, isScore, lineNumber, num, shortName, span, wall, when } from "../lib/format.js";
import { live } from "../lib/live.js";
import { markdown } from "../lib/markdown.js";
import { named, pageHead, whenSeen } from "../lib/page.js";
import { go, to, viewState } from "../lib/place.js";
import { artifactsCard } from "./artifacts.js";
import { childrenOf, fill, follow, makeBoard, MOST, nounOf } from "./dashboard.js";

const NOTE = "mlflow.note.content";
const CURVES = 24;
// So many siblings stand around a run; further ones come as one goes on.
const NEIGHBOURS = 100;

export async function runView(page, id) {
  let run = await api.run(id);
  named(run.name);
  const group = new Group();
  page.onLeave(() => group.dispose());
  // Lines stand in the order of their numbers, other runs in that in which they began.
  const order = lineNumber(run) != null ? ["attributes.run_name ASC"] : ["attributes.start_time ASC"];
  const inputs = [...run.params.keys()].filter((name) => name.startsWith("input"));
  const [experiment, children, { parent, runs: others, before, total }] = await Promise.all([
    page.experiment(run.experiment),
    run.below.children ? childrenOf(run, run.below) : { runs: [] },
    run.parent ? api.runs({ experiments: [run.experiment], parent: run.parent, keys: [...compared(run), ...inputs], order, around: id, max: NEIGHBOURS }) : { parent: null, runs: [] },
  ]);
  const place = others.findIndex((one) => one.id === id);
  const step = (by) => { const other = others[place + by]; if (place >= 0 && other) go(to.run(other.id)); };
  page.onKey((key) => { if (key === "[") step(-1); else if (key === "]") step(1); else return false; return true; });

  const refreshers = [];
  const redrawn = (make) => {
    const host = h("div", { class: "host" });
    const draw = () => set(host, make());
    draw();
    refreshers.push(draw);
    return host;
  };
  const again = async () => {
    run = await api.run(id);
    for (const one of refreshers) one();
  };
  const doing = async (promise) => {
    try { await promise; await again(); } catch (error) { toast(error.message, true); }
  };

  const noun = nounOf(others) === "line" ? "line" : "run";
  const head = redrawn(() => pageHead({
    crumbs: [[experiment.name, to.experiment(experiment.experiment_id)], ...(parent ? [[parent.name, to.run(parent.id)]] : [])],
    title: run.name, extra: [status(run.status, true), run.deleted && h("span", { class: "chip bad" }, "deleted")],
    actions: [
      place >= 0 && h("span", { class: "crumb" }, `${num(before + place + 1)} of ${num(total)}`),
      place >= 0 && arrow("←", `Previous ${noun}`, others[place - 1]), place >= 0 && arrow("→", `Next ${noun}`, others[place + 1]),
    ],
    more: [
      { label: "Rename", act: async () => { const found = await ask("Rename", [{ name: "name", label: "Name", value: run.name, required: true }]); if (found) await doing(api.renameRun(id, found.name)); } },
      run.deleted
        ? { label: "Restore", act: () => doing(api.restoreRun(id)) }
        : { label: "Delete", act: async () => { if (await confirm(`Delete ${run.name}?`, "A deleted run is in the trash of its experiment and can be restored. Its children stay.", "Delete", true)) await doing(api.deleteRun(id)); } },
    ],
  }));

  const scroll = h("div", { class: "scroll" });
  set(page.main, head, scroll);
  let board = null;
  if (children.runs.length) {
    const host = h("div", { class: "board" });
    scroll.append(host);
    board = makeBoard(host, children, { experiment: run.experiment, query: page.query, noun: nounOf(children.runs) }, page.isHere, run);
    viewState(() => ({ ...board.address() }));
    page.onLeave(() => board.dispose());
  }

  const left = h("div", { class: "stack" });
  const right = h("div", { class: "stack" });
  scroll.append(h("div", { class: "cols" }, left, right));
  left.append(redrawn(() => outcome(run)));
  const settings = curveSettings(run.experiment, page.query);
  const curves = curveArea(run, group, settings);
  if (curves && !board) viewState(settings.address);
  if (curves) left.append(curves.element);
  if (place >= 0 && others.length > 1) left.append(comparison(run, others, total, group));
  for (const card of group.pending ?? []) card.draw();
  left.append(redrawn(() => noteCard(run, doing)));
  const files = h("div", { class: "later" });
  left.append(files);
  const showFiles = () => artifactsCard(run, page.query).then((card) => {
    if (card && page.isHere()) files.replaceWith(card);
    else files.remove();
  });
  // A file that the address names is wanted at once; else files are asked for when one comes to where they stand.
  if (page.query.has("art")) showFiles();
  else whenSeen(files, showFiles);
  right.append(redrawn(() => [metricsCard(run), paramsCard(run), detailsCard(run, experiment), tagsCard(run, doing), ...dataCards(run)]));

  live(async () => {
    const going = run.status === "RUNNING" || run.status === "SCHEDULED";
    const childGoing = board?.runs.some((one) => one.status === "RUNNING");
    if (!going && !childGoing) return { running: false, changed: false };
    const [fresh = run] = await api.runsById([id]);
    const changed = !same(run, fresh);
    if (changed && page.isHere()) {
      const isNewMetric = [...fresh.metrics.keys()].some((name) => !run.metrics.has(name));
      run = fresh;
      if (!document.activeElement?.closest(".host")) for (const one of refreshers) one();
      if (isNewMetric && !curves) page.redraw();
      else curves?.refresh(run);
    }
    if (board && page.isHere()) {
      const found = (await follow(board, run, run.experiment)) ?? (await childrenOf(run, null, MOST));
      if (found.runs.length !== board.runs.length || found.runs.some((one) => !board.has(one))) {
        board.update(found);
        await fill(board, {}, page.isHere, run);
      }
    }
    return { running: true, changed };
  }, run.status === "RUNNING");
}

function arrow(sign, label, other) {
  return other ? h("a", { class: "btn icon", href: to.run(other.id), "aria-label": label, title: `${label}: ${other.name}` }, sign)
    : h("span", { class: "btn icon off", "aria-hidden": "true" }, sign);
}

/** What a line of a batch answered, or why it failed: the first thing that is asked. */
function outcome(run) {
  const output = run.params.get("output");
  const error = run.tags.get("error") ?? run.tags.get("mlflow.error");
  const inputs = [...run.params].filter(([name]) => name.startsWith("input"));
  const given = inputs.length > 0 && h("dl", { class: "kv" }, inputs.map(([name, value]) => [h("dt", {}, name), h("dd", { dir: "auto" }, value)]));
  return [
    error && h("section", { class: "card fail", "aria-label": "Error" }, h("h3", {}, h("span", { class: "name" }, run.status === "FAILED" ? "This run failed" : "Error")), h("p", { class: "big", dir: "auto" }, error), output == null && given),
    run.status === "FAILED" && !error && h("section", { class: "card fail" }, h("h3", {}, h("span", { class: "name" }, "This run failed")), h("p", { class: "mut" }, "It says no reason: none of its tags is called error. Its log may be among the artifacts.")),
    output != null && h("section", { class: "card", "aria-label": "Output" },
      given, h("h3", {}, h("span", { class: "name" }, "output"), h("small", {}, "param"), h("span", { class: "sp" }), button("Copy", () => copy(output), { class: "quiet" })), h("p", { class: "big", dir: "auto" }, output)),
  ];
}

function curveArea(run, group, { settings, keep }) {
  const names = () => [...run.metrics.keys()].filter((name) => (run.steps.get(name) ?? 0) > 0 || run.status === "RUNNING").sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  if (!names().length) return null;
  const cards = new Map();
  const grid = h("div", { class: "cards" });
  let wanted = "";
  const search = h("input", { type: "search", class: "search", placeholder: "Search metrics", "aria-label": "Search metrics", on: { input: () => { wanted = search.value.toLowerCase(); fill(); } } });
  const rest = h("p", { class: "mut" });
  const fill = () => {
    const all = names().filter((name) => name.toLowerCase().includes(wanted));
    for (const name of all.slice(0, CURVES)) {
      if (cards.has(name)) continue;
      const card = curveCard(group, { metric: name, runs: [{ ...run, color: cards.size }], settings, sub: `last ${num(run.metrics.get(name))}`,
        told: ([series]) => set(card.element.querySelector("h3 small"), `last ${num(run.metrics.get(name))}${best(name, series)}`) });
      cards.set(name, card);
    }
    set(grid, all.slice(0, CURVES).map((name) => cards.get(name).element));
    set(rest, all.length > CURVES && `${all.length - CURVES} more curves: search for them.`);
    if (!all.length) set(rest, "No metric has this in its name.");
  };
  fill();
  const controls = curveControls(settings, (changes) => {
    keep(changes);
    for (const card of cards.values()) card.draw();
  });
  return {
    element: h("section", { class: "curves", "aria-label": "Curves" }, h("div", { class: "bar tight" }, controls, h("span", { class: "sp" }), names().length > 6 && search), grid, rest),
    refresh(fresh) {
      for (const [name, card] of cards) {
        if (fresh.metrics.get(name) !== run.metrics.get(name) || fresh.steps.get(name) !== run.steps.get(name)) {
          card.reload();
        }
      }
      const isNew = fresh.metrics.size !== run.metrics.size;
      run = fresh;
      if (isNew) fill();
    },
  };
}

/** The best value of a curve, where the name says what is good; thinned curves keep it. */
function best(name, series) {
  const wanted = isLoss(name) ? -1 : isScore(name) ? 1 : 0;
  const points = (series?.points ?? []).filter((point) => Number.isFinite(point.value));
  if (!wanted || points.length < 2) return "";
  const top = points.reduce((a, b) => (b.value * wanted > a.value * wanted ? b : a));
  return ` · ${wanted < 0 ? "lowest" : "highest"} ${num(top.value)} at step ${num(top.step)}`;
}

/** The metrics by which a line is set among its siblings; one that failed has none of its own. */
function compared(run) {
  const own = ["duration", "total_tokens", ...run.metrics.keys()].filter((name, at, all) => all.indexOf(name) === at && run.metrics.has(name) && !(run.steps.get(name) > 0));
  return own.length ? own.slice(0, 2) : ["duration", "total_tokens"];
}

/** The place of a line among its siblings. */
function comparison(run, others, total, group) {
  const names = compared(run).filter((name) => others.some((one) => one.metrics.has(name)));
  if (!names.length) return "";
  const cards = names.map((name) => chartCard(group, {
    kind: "bar", title: name, sub: total > others.length ? `against the ${num(others.length)} around it` : "against the others", open: (row) => go(row.href),
    options: { rows: others.map((one) => ({ id: one.id, name: (one.id === run.id ? "▸ " : "") + shortName(one), value: one.metrics.get(name), href: to.run(one.id), note: one.status === "FAILED" ? "failed" : "no value" })) },
  }));
  group.pending = cards;
  return h("div", { class: "cards two" }, cards.map((card) => card.element));
}

function list(title, entries, empty, extra) {
  return h("section", { class: "card", "aria-label": title }, h("h3", {}, h("span", { class: "name" }, title), entries.length > 0 && h("small", {}, String(entries.length)), h("span", { class: "sp" }), extra), entries.length ? searchable(entries) : h("p", { class: "mut" }, empty));
}

/** Names with values; a long list has a search of its own and shows its beginning. */
function searchable(entries) {
  const MOST = 60;
  const host = h("dl", { class: entries[0].number ? "kv r" : "kv" });
  const rest = h("p", { class: "mut" });
  const fill = (text = "") => {
    const found = entries.filter((e) => e.name.toLowerCase().includes(text.toLowerCase()));
    set(host, found.slice(0, MOST).map((e) => [h("dt", { title: e.name, dir: "auto" }, e.name), h("dd", { dir: "auto", title: e.title }, e.shown)]));
    set(rest, found.length > MOST && `${found.length - MOST} more: search for them.`);
  };
  fill();
  if (entries.length <= 20) return host;
  return [h("input", { type: "search", class: "search", placeholder: "Search", "aria-label": "Search names", on: { input: (event) => fill(event.target.value) } }), host, rest];
}

const sorted = (map) => [...map].sort((a, b) => a[0].localeCompare(b[0], "en", { numeric: true }));

function metricsCard(run) {
  return list("Metrics", sorted(run.metrics).map(([name, value]) => ({ name, shown: num(value), title: `${value}${run.steps.get(name) ? ` at step ${run.steps.get(name)}` : ""}`, number: true })), "None logged.");
}

function paramsCard(run) {
  return list("Params", sorted(run.params).filter(([name]) => name !== "output").map(([name, value]) => ({ name, shown: h("div", { class: "clip" }, value), title: value.slice(0, 1000) })), "None logged.");
}

function detailsCard(run, experiment) {
  const row = (name, value, title) => [h("dt", {}, name), h("dd", { title, dir: "auto" }, value)];
  const source = run.tags.get("mlflow.source.name");
  const commit = run.tags.get("mlflow.source.git.commit");
  return h("section", { class: "card", "aria-label": "Details" }, h("h3", {}, h("span", { class: "name" }, "Details")), h("dl", { class: "kv" },
    row("Started", when(run.start), exactly(run.start)), run.end > 0 && row("Ended", when(run.end), exactly(run.end)), row("Wall time", span(wall(run))),
    run.status === "RUNNING" && run.heard > 0 && row("Last value", ago(run.heard), exactly(run.heard)),
    run.user && row("User", run.user), source && row("Source", source), commit && row("Commit", h("span", { class: "mono" }, commit.slice(0, 12)), commit),
    row("Experiment", h("a", { href: to.experiment(experiment.experiment_id) }, experiment.name)),
    row("Run id", [h("span", { class: "mono" }, run.id), " ", button("Copy", () => copy(run.id), { class: "quiet" })]),
    row("Artifacts", h("span", { class: "mono" }, run.uri))));
}

function tagsCard(run, doing) {
  const own = sorted(run.tags).filter(([name]) => !name.startsWith("mlflow."));
  const system = sorted(run.tags).filter(([name]) => name.startsWith("mlflow.") && name !== NOTE);
  const edit = async (key, value) => {
    const found = await ask(key ? `Tag ${key}` : "New tag", [...(key ? [] : [{ name: "key", label: "Key", required: true }]), { name: "value", label: "Value", value }]);
    if (found) await doing(api.setTag(run.id, key ?? found.key, found.value));
  };
  return h("section", { class: "card", "aria-label": "Tags" }, h("h3", {}, h("span", { class: "name" }, "Tags"), h("span", { class: "sp" }), button("Add", () => edit(null, ""), { class: "quiet" })),
    own.length ? h("ul", { class: "tags" }, own.map(([key, value]) => h("li", { class: "chip" },
      h("button", { type: "button", class: "quiet", title: "Change", on: { click: () => edit(key, value) } }, h("span", { dir: "auto" }, key), ": ", h("span", { dir: "auto" }, value.length > 80 ? `${value.slice(0, 80)}…` : value)),
      button("×", async () => { if (await confirm(`Remove the tag ${key}?`, value, "Remove", true)) await doing(api.deleteTag(run.id, key)); }, { class: "quiet", "aria-label": `Remove tag ${key}` })))) : h("p", { class: "mut" }, "None of your own."),
    system.length > 0 && h("details", {}, h("summary", {}, count(system.length, "system tag")), h("dl", { class: "kv" }, system.map(([key, value]) => [h("dt", {}, key), h("dd", { dir: "auto" }, h("div", { class: "clip" }, value))]))));
}

function noteCard(run, doing) {
  const text = run.tags.get(NOTE) ?? "";
  const edit = async () => {
    const found = await ask("Note", [{ name: "text", label: "Markdown", value: text, long: true }]);
    if (found) await doing(api.setTag(run.id, NOTE, found.text));
  };
  return h("section", { class: "card", "aria-label": "Note" }, h("h3", {}, h("span", { class: "name" }, "Note"), h("span", { class: "sp" }), button(text ? "Edit" : "Write one", edit, { class: "quiet" })),
    text ? markdown(text) : h("p", { class: "mut" }, "None yet. Markdown, kept in the tag mlflow.note.content."));
}

function dataCards(run) {
  const cards = [];
  if (run.datasets.length) {
    cards.push(h("section", { class: "card", "aria-label": "Datasets" }, h("h3", {}, h("span", { class: "name" }, "Datasets"), h("small", {}, String(run.datasets.length))),
      h("dl", { class: "kv" }, run.datasets.map(({ dataset, tags }) => [h("dt", { dir: "auto" }, dataset.name),
        h("dd", {}, h("span", { class: "mono" }, dataset.digest), tags?.length ? ` · ${tags.map((t) => t.value).join(", ")}` : "", h("small", { class: "mut" }, ` ${dataset.source_type ?? ""}`))]))));
  }
  const models = [...run.modelInputs.map((m) => ["in", m]), ...run.modelOutputs.map((m) => ["out", m])];
  if (models.length) {
    cards.push(h("section", { class: "card", "aria-label": "Models" }, h("h3", {}, h("span", { class: "name" }, "Models"), h("small", {}, String(models.length))),
      h("dl", { class: "kv" }, models.map(([way, model]) => {
        const name = h("span", { dir: "auto" });
        // The name is not in the run; without it the id says enough.
        whenSeen(name, () => api.loggedModel(model.model_id).then(({ info }) => set(name, info.name, " ", h("small", { class: "mut" }, (info.status ?? "").replace("LOGGED_MODEL_", "").toLowerCase()), h("br"))).catch(() => {}));
        return [h("dt", {}, way === "in" ? "read" : `made${model.step ? ` at step ${model.step}` : ""}`), h("dd", {}, name, h("span", { class: "mono" }, model.model_id))];
      }))));
  }
  return cards;
}
