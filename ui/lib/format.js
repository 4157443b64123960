// Numbers, times and sizes for people. Times are in the viewer's zone.

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** Four significant digits, whole numbers whole; the dash is for what is not there. */
export function num(value) {
  if (value == null) return "–";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e12) return grouped.format(value);
  if (size >= 1e9 || (size !== 0 && size < 1e-4)) return value.toExponential(3).replace(/\.?0+e/, "e");
  return size >= 1e4 ? grouped.format(value) : String(+value.toPrecision(4));
}

/** A span of time from its milliseconds. */
export function span(ms) {
  if (ms == null || ms < 0) return "–";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const two = (n) => String(n).padStart(2, "0");

/** `2026-11-23 10:15` */
export function when(ms) {
  if (!ms) return "–";
  const t = new Date(ms);
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ${two(t.getHours())}:${two(t.getMinutes())}`;
}

/** The same to the second, with the zone: for titles. */
export function exactly(ms) {
  return ms ? new Date(ms).toLocaleString("sv", { timeZoneName: "short" }) : "";
}

/** `5 min ago`, and the date when that is long ago. */
export function ago(ms) {
  if (!ms) return "–";
  const seconds = Math.max(0, (Date.now() - ms) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 7 * 86_400) return `${Math.floor(seconds / 86_400)} d ago`;
  return when(ms);
}

/** A size from its bytes. */
export function bytes(count) {
  if (count == null) return "";
  for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
    if (count >= size) return `${(count / size).toFixed(count >= 10 * size ? 0 : 1)} ${unit}`;
  }
  return `${count} B`;
}

/** `1 run`, `3 runs` */
export function count(n, one, many = `${one}s`) {
  return `${grouped.format(n)} ${n === 1 ? one : many}`;
}

/** How long a run took, or takes so far. */
export function wall(run) {
  if (!run.start) return null;
  if (run.end) return run.end - run.start;
  return run.status === "RUNNING" ? Date.now() - run.start : null;
}

const natural = new Intl.Collator("en", { numeric: true });
/** The order of names that people expect: 2 before 10. */
export const byName = (a, b) => natural.compare(a.name, b.name);

const SLOW = /^(duration|latency|elapsed|time|seconds|wall_?time)/i;
const DEAR = /(^|[._/])(cost|price|usd|total_tokens)/i;
export const isSlow = (name) => SLOW.test(name);
export const isDear = (name) => DEAR.test(name);
/** Whether less is better, as far as the name tells. */
export const isLoss = (name) => /loss|error|mse|mae|rmse|perplexity/i.test(name);
export const isScore = (name) => /acc|auc|f1|precision|recall|score|reward|bleu|rouge/i.test(name);
const rank = (name) => (isSlow(name) ? 0 : isDear(name) ? 1 : /tokens/.test(name) ? 2 : /val|test|eval/.test(name) ? 3 : 4);
/** What is asked first comes first: time, cost, then what was measured on data held back. */
export const byInterest = (a, b) => rank(a) - rank(b) || natural.compare(a, b);

/** `Run 000000012` is line 12, as Prompt Flow names them; null for other names. */
export function lineNumber(run) {
  const found = /^Run (\d{9})$/.exec(run.name);
  return found ? +found[1] : null;
}

/** A run's short name on charts: a line of Prompt Flow by its number and its input. */
export function shortName(run) {
  const line = lineNumber(run);
  if (line == null) return run.name;
  const input = [...run.params].find(([name]) => name.startsWith("input"))?.[1];
  return input ? `${line} · ${input}` : String(line);
}

/** The first line of a note in Markdown, without its marks. */
export const firstLine = (text) => (text.split("\n").find((line) => line.trim()) ?? "").replace(/^\s*#+\s*|\*+|`/g, "").slice(0, 300);
