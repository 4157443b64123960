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

/** A run as these pages use it. Keys are anybody's words, so they are in maps. */
export function readRun(json) {
  const { info, data = {}, inputs = {}, outputs = {} } = json;
  const tags = new Map((data.tags || []).map((t) => [t.key, t.value]));
  return {
    id: info.run_id,
    experiment: info.experiment_id,
    name: info.run_name || info.run_id,
    status: info.status,
    start: info.start_time || 0,
    end: info.end_time || 0,
    user: tags.get("mlflow.user") || info.user_id || "",
    deleted: info.lifecycle_stage === "deleted",
    uri: info.artifact_uri || "",
    parent: tags.get("mlflow.parentRunId") || null,
    metrics: new Map((data.metrics || []).map((m) => [m.key, number(m.value)])),
    steps: new Map((data.metrics || []).map((m) => [m.key, m.step || 0])),
    params: new Map((data.params || []).map((p) => [p.key, p.value])),
    tags,
    datasets: inputs.dataset_inputs || [],
    modelInputs: inputs.model_inputs || [],
    modelOutputs: outputs.model_outputs || [],
  };
}

export const api = {
  experiments: (token) =>
    post("2.0/mlflow/experiments/search", { max_results: 1000, order_by: ["last_update_time DESC"], page_token: token || undefined }),
  experiment: async (id) => (await get("2.0/mlflow/experiments/get", { experiment_id: id })).experiment,
  setExperimentTag: (id, key, value) => post("2.0/mlflow/experiments/set-experiment-tag", { experiment_id: id, key, value }),

  /** `{ runs, next }` */
  async runs({ experiments, filter = "", order = [], max = 200, token, view = "ACTIVE_ONLY" }, signal) {
    const json = await post("2.0/mlflow/runs/search", {
      experiment_ids: experiments, filter, order_by: order, max_results: max, run_view_type: view,
      page_token: token || undefined,
    }, signal);
    return { runs: (json.runs || []).map(readRun), next: json.next_page_token || null };
  },
  run: async (id) => readRun((await get("2.0/mlflow/runs/get", { run_id: id })).run),
  /** These runs, deleted ones too, in any order; what is gone is left out. */
  async runsById(ids, experiments, signal) {
    const found = [];
    for (let at = 0; at < ids.length; at += 200) {
      const list = ids.slice(at, at + 200).map(quote).join(", ");
      const page = await api.runs({ experiments, filter: `attributes.run_id IN (${list})`, view: "ALL" }, signal);
      found.push(...page.runs);
    }
    return found;
  },
  /** Children by run id: `{ children, status }`; runs without any are left out. */
  async childCounts(ids, signal) {
    const counts = new Map();
    for (let at = 0; at < ids.length; at += 1000) {
      const json = await post("roost/1.0/runs/children-counts", { run_ids: ids.slice(at, at + 1000) }, signal);
      for (const one of json.runs) counts.set(one.run_id, one);
    }
    return counts;
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

  /** Points of one metric of some runs, thinned by the server, by run id: `{ points: [{ step, timestamp, value }], total }`. */
  async series(ids, key, points, signal) {
    const query = [...ids.map((id) => ["run_id", id]), ["metric_key", key], ["max_points", points]];
    const json = await get("roost/1.0/metrics/series", query, signal);
    return new Map(json.series.map((one) => [one.run_id, one]));
  },
};

/** A text for MLflow's filter language. */
export function quote(text) {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

/** A key for MLflow's filter language: in backticks when it is more than letters. */
export function key(prefix, name) {
  return /^[A-Za-z_]\w*$/.test(name) ? `${prefix}.${name}` : `${prefix}.\`${name}\``;
}
