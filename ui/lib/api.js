// Talks to the server: MLflow's endpoints, and Roost's own below roost/1.0.

import { url } from "./place.js";

/** A refusal, in the server's words. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function call(method, path, { query, body, signal } = {}) {
  const address = url(`ajax-api/${path}`, null) + (query ? `?${new URLSearchParams(query)}` : "");
  const options = { method, signal, headers: {}, credentials: "same-origin" };
  if (body) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(0, "UNREACHABLE", "The server does not answer. Check that it runs and that you are connected; this page tries again by itself.");
  }
  const text = await answer.text();
  let json = null;
  try { json = text ? JSON.parse(text) : {}; } catch { /* not from our server: a proxy's page */ }
  if (!answer.ok || json == null) {
    throw new Refusal(answer.status, json?.error_code ?? "", json?.message ?? `The server answered ${answer.status}.`);
  }
  return json;
}

const get = (path, query, signal) => call("GET", path, { query, signal });
const post = (path, body, signal) => call("POST", path, { body, signal });

const number = (value) => (typeof value === "string" ? Number(value) : value);

/** A run as these pages use it, out of a compact answer. Keys are anybody's words, so they are in maps. */
export function readRun(json) {
  const metrics = Object.entries(json.metrics ?? {});
  const tags = new Map(Object.entries(json.tags ?? {}));
  return {
    id: json.run_id,
    experiment: json.experiment_id,
    name: json.run_name || json.run_id,
    status: json.status,
    start: json.start_time || 0,
    end: json.end_time || 0,
    user: tags.get("mlflow.user") || json.user_id || "",
    deleted: json.lifecycle_stage === "deleted",
    uri: json.artifact_uri || "",
    parent: tags.get("mlflow.parentRunId") || null,
    metrics: new Map(metrics.map(([key, [value]]) => [key, number(value)])),
    steps: new Map(metrics.map(([key, [, step]]) => [key, step])),
    // When the last value was logged.
    heard: metrics.reduce((last, [, [, , timestamp]]) => Math.max(last, timestamp), 0),
    params: new Map(Object.entries(json.params ?? {})),
    tags,
    datasets: json.dataset_inputs || [],
    modelInputs: json.model_inputs || [],
    modelOutputs: json.model_outputs || [],
  };
}

/** A run of the tree: `below` is what its children come to, `{ children, status, metrics }`. */
const readNode = ({ run, children = 0, status = {}, metrics }) => ({ ...readRun(run), below: { children, status, metrics } });

/** Whether a run says the same as before. */
export function same(a, b) {
  const equal = (x, y) => x.size === y.size && [...x].every(([k, v]) => Object.is(y.get(k), v));
  return a.status === b.status && a.end === b.end && a.name === b.name && a.deleted === b.deleted && equal(a.metrics, b.metrics)
    && equal(a.steps, b.steps) && equal(a.params, b.params) && equal(a.tags, b.tags);
}

export const api = {
  experiments: (token) =>
    post("2.0/mlflow/experiments/search", { max_results: 1000, order_by: ["last_update_time DESC"], page_token: token || undefined }),
  experiment: async (id) => (await get("2.0/mlflow/experiments/get", { experiment_id: id })).experiment,
  setExperimentTag: (id, key, value) => post("2.0/mlflow/experiments/set-experiment-tag", { experiment_id: id, key, value }),

  /**
   * Runs that a filter finds, with what they have below them: of the top of the tree, of the children of one, or of all.
   * `keys` are the metrics, params and tags that are wanted, if not all; `around` is the run in the middle of the page.
   * `{ runs, next, parent, before, total }`, the last two around a run: how many come before the page, and how many there are.
   */
  async runs({ experiments, parent, top, keys, around, filter = "", order = [], max = 200, token, view = "ACTIVE_ONLY" }, signal) {
    const json = await post("roost/1.0/runs/tree", {
      experiment_ids: experiments, parent_run_id: parent, top_level: top, keys, around, filter, order_by: order, max_results: max,
      run_view_type: view, page_token: token || undefined, compact: true,
    }, signal);
    return {
      runs: (json.runs || []).map(readNode), next: json.next_page_token || null, parent: json.parent ? readRun(json.parent) : null,
      before: json.before ?? 0, total: json.total ?? 0,
    };
  },
  /** These runs, deleted ones too, in their order; what is gone is left out. With `rollUp` their children's metrics, too. */
  async runsById(ids, { rollUp, signal } = {}) {
    const found = [];
    for (let at = 0; at < ids.length; at += 100) {
      const json = await post("roost/1.0/runs/tree", { run_ids: ids.slice(at, at + 100), roll_up: rollUp, compact: true }, signal);
      found.push(...(json.runs || []).map(readNode));
    }
    return found;
  },
  /** A run with all that its page begins with. */
  async run(id) {
    const [run] = await api.runsById([id], { rollUp: true });
    if (!run) throw new Refusal(404, "RESOURCE_DOES_NOT_EXIST", `Run with id=${id} not found`);
    return run;
  },
  summary: (id) => get("roost/1.0/runs/children-summary", { run_id: id }),
  setTag: (id, key, value) => post("2.0/mlflow/runs/set-tag", { run_id: id, key, value }),
  deleteTag: (id, key) => post("2.0/mlflow/runs/delete-tag", { run_id: id, key }),
  deleteRun: (id) => post("2.0/mlflow/runs/delete", { run_id: id }),
  restoreRun: (id) => post("2.0/mlflow/runs/restore", { run_id: id }),
  renameRun: (id, name) => post("2.0/mlflow/runs/update", { run_id: id, run_name: name }),

  loggedModel: async (id) => (await get(`2.0/mlflow/logged-models/${encodeURIComponent(id)}`, {})).model,

  artifacts: (id, path, token) =>
    get("2.0/mlflow/artifacts/list", { run_id: id, ...(path && { path }), ...(token && { page_token: token }) }),
  fileAddress: (id, path) => url("get-artifact", { path, run_id: id }),
  pageAddress: (id, path) => url("ajax-api/roost/1.0/artifacts/preview", { run_id: id, path }),

  models: (filter, token) =>
    get("2.0/mlflow/registered-models/search", { max_results: 100, filter, ...(token && { page_token: token }) }),
  model: async (name) => (await get("2.0/mlflow/registered-models/get", { name })).registered_model,
  versions: (name, token) =>
    get("2.0/mlflow/model-versions/search", { filter: `name = ${quote(name)}`, max_results: 200, ...(token && { page_token: token }) }),
  version: async (name, version) => (await get("2.0/mlflow/model-versions/get", { name, version })).model_version,

  /**
   * Points of one metric of some runs, thinned by the server, by run id: `{ points: [{ step, timestamp, value }], total }`.
   * What is asked for in one moment is asked in one request.
   */
  series(ids, key, points) {
    return new Promise((resolve, reject) => {
      if (!waiting.length) setTimeout(askForSeries, 0);
      waiting.push({ ids, key, points, resolve, reject });
    });
  },
};

// What the server allows: metrics, runs, and points of one answer.
const SERIES = { keys: 40, runs: 100, points: 200_000 };
// More than charts and their tables say.
const DIGITS = 6;
let waiting = [];

function askForSeries() {
  const asked = waiting;
  waiting = [];
  // Curves of the same runs together, as many as fit.
  for (let rest = asked; rest.length;) {
    const ids = new Set();
    const keys = new Set();
    let points = 0;
    const part = [];
    const later = [];
    for (const one of rest) {
      const allIDs = new Set([...ids, ...one.ids]);
      const most = Math.max(points, one.points);
      const fits = allIDs.size <= SERIES.runs && keys.size < SERIES.keys && allIDs.size * (keys.size + 1) * most <= SERIES.points
        && (!part.length || allIDs.size <= 2 * Math.max(ids.size, one.ids.length));
      if (part.length && !fits) {
        later.push(one);
        continue;
      }
      one.ids.forEach((id) => ids.add(id));
      keys.add(one.key);
      points = most;
      part.push(one);
    }
    rest = later;
    const query = [...[...ids].map((id) => ["run_id", id]), ...[...keys].map((key) => ["metric_key", key]), ["max_points", points], ["digits", DIGITS]];
    get("roost/1.0/metrics/series", query).then(({ series }) => {
      for (const one of series) one.points = one.points.map(([step, timestamp, value]) => ({ step, timestamp, value }));
      for (const one of part) one.resolve(new Map(series.filter((s) => s.metric_key === one.key && one.ids.includes(s.run_id)).map((s) => [s.run_id, s])));
    }, (error) => { for (const one of part) one.reject(error); });
  }
}

/** A text for MLflow's filter language. */
export function quote(text) {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

/** A key for MLflow's filter language: in backticks when it is more than letters. */
export function key(prefix, name) {
  return /^[A-Za-z_]\w*$/.test(name) ? `${prefix}.${name}` : `${prefix}.\`${name}\``;
}
