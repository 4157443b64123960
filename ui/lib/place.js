// Where we are: the address is the state. Paths are relative to where the UI begins, whatever proxy stands before it.

const root = new URL("./", document.baseURI).href;
// From now on it must not move with the address.
document.querySelector("base").href = root;

export const serverAddress = root.replace(/\/$/, "");

/** The address of a path like `runs/abc`, its parts escaped by the caller's use of `path`. */
export function url(path, query) {
  const text = query ? new URLSearchParams(Object.entries(query).filter(([, v]) => v != null && v !== "")).toString() : "";
  return root + path + (text ? `?${text}` : "");
}

export const to = {
  home: () => url(document.documentElement.dataset.home ?? ""),
  experiment: (id, query) => url(`e/${encodeURIComponent(id)}/runs`, query),
  dashboard: (id, query) => url(`e/${encodeURIComponent(id)}/dashboard`, query),
  run: (id, query) => url(`runs/${encodeURIComponent(id)}`, query),
  compare: (ids) => url("compare", { runs: ids.join(",") }),
  models: () => url("models"),
  model: (name) => url(`models/${encodeURIComponent(name)}`),
  version: (name, version) => url(`models/${encodeURIComponent(name)}/${encodeURIComponent(version)}`),
};

/** The path's parts and the query of where we are. */
export function here() {
  translate();
  const path = location.href.slice(root.length).split(/[?#]/)[0];
  const parts = path.split("/").filter(Boolean).map((part) => {
    try { return decodeURIComponent(part); } catch { return part; }
  });
  return { parts, query: new URLSearchParams(location.search) };
}

/** MLflow's client prints addresses of its own UI, `#/experiments/1/runs/abc`; they lead to the same things here. */
function translate() {
  const parts = location.hash.startsWith("#/") ? location.hash.slice(2).split("?")[0].split("/") : [];
  const [kind, id, , sub] = parts;
  let target = null;
  if (kind === "experiments" && parts[2] === "runs" && sub) target = `runs/${sub}`;
  else if (kind === "experiments" && id) target = `e/${id}/runs`;
  else if (kind === "models") target = ["models", id, sub].filter(Boolean).join("/");
  if (target != null) history.replaceState(null, "", root + target);
}

let changed = () => {};
/** Whoever draws the page says so once. */
export const onMove = (listener) => { changed = listener; };

/** Goes to an address, as a click on a link does. */
export function go(address) {
  history.pushState(null, "", address);
  changed();
}

/** Notes state in the address without drawing anew and without a step in the history. */
export function note(changes) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value == null || value === "") query.delete(name);
    else query.set(name, value);
  }
  // Ids and keys stay readable.
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  history.replaceState(null, "", location.pathname + (text ? `?${text}` : ""));
}

// A list of ids in the address: commas between, those inside escaped.
export const writeIDs = (ids) => ids.map((id) => id.replace(/[%,]/g, encodeURIComponent)).join(",");
export function readIDs(text) {
  return (text ?? "").split(",").filter(Boolean).map((id) => { try { return decodeURIComponent(id); } catch { return id; } });
}

let exact = () => ({});
/** What a view shows beyond what its address says, for links that must bring back exactly that. */
export const viewState = (read) => { exact = read ?? (() => ({})); };
/** The address of exactly what is to be seen. */
export function exactAddress() {
  note(exact());
  return location.href;
}

addEventListener("popstate", () => changed());
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const address = link.getAttribute("href") ?? link.href.baseVal;
  const absolute = new URL(address, document.baseURI).href;
  if (link.hasAttribute("download") || link.getAttribute("target") || !absolute.startsWith(root)) return;
  if (address.startsWith("#")) {
    event.preventDefault();
    document.getElementById(address.slice(1))?.focus();
    return;
  }
  event.preventDefault();
  go(absolute);
});

/** A small thing to remember in this browser: widths, theme, layout. Without storage nothing is remembered. */
export function remember(name, value) {
  try {
    if (value == null) localStorage.removeItem(`roost.${name}`);
    else localStorage.setItem(`roost.${name}`, JSON.stringify(value));
  } catch { /* private windows */ }
}

export function recall(name, otherwise) {
  try {
    const text = localStorage.getItem(`roost.${name}`);
    return text == null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}
