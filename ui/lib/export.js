// Files for other programs: CSV that spreadsheets open right, JSON.

import { h } from "./dom.js";

/** A cell: quoted where needed; what a spreadsheet would run as a formula gets an apostrophe first. */
export function cell(value) {
  let text = value == null ? "" : String(value);
  if (/^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text))) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows of cells as CSV, with the mark by which Excel knows UTF-8. */
export function csv(rows) {
  return "\ufeff" + rows.map((row) => row.map(cell).join(",") + "\r\n").join("");
}

/** Hands a file to the browser. */
export function save(name, content, type) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  h("a", { href: address, download: name.replace(/[/\\:*?"<>|\u0000-\u001f]+/g, "_") }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** Runs as rows: what identifies them, then every column given as `{ label, read }`. */
export function runsAsCSV(runs, columns) {
  const head = ["run_id", "name", "parent_run_id", "status", ...columns.map((c) => c.id)];
  return csv([head, ...runs.map((run) => [run.id, run.name, run.parent, run.status, ...columns.map((c) => c.read(run))])]);
}

export function runsAsJSON(runs) {
  return JSON.stringify(runs.map((run) => ({
    run_id: run.id, experiment_id: run.experiment, name: run.name, parent_run_id: run.parent, status: run.status,
    start_time: run.start || null, end_time: run.end || null, user: run.user,
    metrics: Object.fromEntries([...run.metrics].map(([k, v]) => [k, Number.isFinite(v) ? v : String(v)])),
    params: Object.fromEntries(run.params), tags: Object.fromEntries(run.tags),
  })), null, 1);
}

/** CSV to rows of cells: quotes, doubled quotes, line ends in cells; for previews. */
export function parseCSV(text, separator = ",", maxRows = 200) {
  const rows = [];
  let row = [];
  let value = "";
  let quoted = false;
  for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length && rows.length < maxRows; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') value += c;
      else if (text[i + 1] === '"') { value += c; i += 1; } else quoted = false;
    } else if (c === '"' && value === "") quoted = true;
    else if (c === separator) { row.push(value); value = ""; }
    else if (c === "\n") { row.push(value.replace(/\r$/, "")); rows.push(row); row = []; value = ""; }
    else value += c;
  }
  if ((value || row.length) && rows.length < maxRows) rows.push([...row, value]);
  return rows;
}
