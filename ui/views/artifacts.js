// The files of a run: the tree, and what can be shown of a file without letting it do anything.

import { api } from "../lib/api.js";
import { button, h, icon, set } from "../lib/dom.js";
import { parseCSV } from "../lib/export.js";
import { bytes, count } from "../lib/format.js";
import { markdown } from "../lib/markdown.js";
import { note } from "../lib/place.js";

// More than this of a text is not shown.
const MOST = 512 * 1024;
const ROWS = 500;
const PICTURES = /\.(png|jpe?g|gif|webp|bmp|svg|avif|ico)$/i;
const TEXTS = /\.(txt|log|err|out|cfg|conf|ini|toml|ya?ml|xml|js|mjs|css|py|sh|sql|r|rst|ipynb|jsonl|ndjson|properties|swift|c|h|cpp|java|go|rs|ts|env|lock|gitignore)$/i;
const NAMED = /(^|\/)(MLmodel|MLproject|Dockerfile|Makefile|LICENSE|README|requirements\.txt)$/;

/** The card with the files of a run; `query` may name the one to show. */
export async function artifactsCard(run, query) {
  const tree = h("div", { class: "files", role: "tree", "aria-label": "Artifacts" });
  const view = h("div", { class: "preview" });
  const card = h("section", { class: "card", "aria-label": "Artifacts" }, h("h3", {}, h("span", { class: "name" }, "Artifacts"), h("small", {})), h("div", { class: "art" }, tree, view));
  const wanted = query.get("art") ?? "";
  let current = null;

  const open = async (file, item) => {
    current?.setAttribute("aria-selected", "false");
    current = item;
    item.setAttribute("aria-selected", "true");
    note({ art: file.path });
    set(view, h("p", { class: "mut" }, "Loading …"));
    try {
      const shown = await preview(run.id, file);
      if (current === item) set(view, head(run.id, file), shown);
    } catch (error) {
      if (current === item) set(view, head(run.id, file), h("p", { class: "err" }, `It cannot be shown: ${error.message}`));
    }
  };

  const list = async (path, level, token) => {
    const json = await api.artifacts(run.id, path, token);
    const files = (json.files ?? []).sort((a, b) => Number(Boolean(b.is_dir)) - Number(Boolean(a.is_dir)) || a.path.localeCompare(b.path, "en", { numeric: true }));
    const nodes = [];
    for (const file of files) nodes.push(...await item(file, level));
    if (json.next_page_token) {
      const more = button("More files", async () => more.replaceWith(...await list(path, level, json.next_page_token)), { class: "btn small" });
      nodes.push(more);
    }
    return nodes;
  };

  const item = async (file, level) => {
    const name = file.path.split("/").pop();
    const row = h("button", { type: "button", role: "treeitem", "aria-level": level, "aria-selected": "false", "aria-expanded": file.is_dir ? "false" : null, title: file.path, style: { "padding-left": `${8 + (level - 1) * 16}px` } },
      icon(file.is_dir ? "folder" : "file"), h("span", { dir: "auto" }, name), !file.is_dir && h("small", {}, bytes(+file.file_size || 0)));
    if (!file.is_dir) {
      row.addEventListener("click", () => open(file, row));
      if (file.path === wanted) open(file, row);
      return [row];
    }
    const inner = h("div", { role: "group", hidden: true });
    let loaded = false;
    const toggle = async () => {
      inner.hidden = !inner.hidden;
      row.setAttribute("aria-expanded", String(!inner.hidden));
      if (loaded) return;
      loaded = true;
      try {
        const below = await list(file.path, level + 1);
        set(inner, below.length ? below : h("p", { class: "mut" }, "empty"));
      } catch (error) {
        loaded = false;
        set(inner, h("p", { class: "err" }, error.message));
      }
    };
    row.addEventListener("click", toggle);
    if (wanted.startsWith(`${file.path}/`)) await toggle();
    return [row, inner];
  };

  tree.addEventListener("keydown", (event) => {
    const rows = [...tree.querySelectorAll("[role=treeitem]")].filter((row) => row.offsetParent);
    const at = rows.indexOf(document.activeElement);
    if (event.key === "ArrowDown") rows[at + 1]?.focus();
    else if (event.key === "ArrowUp") rows[at - 1]?.focus();
    else if (event.key === "ArrowRight" && rows[at]?.getAttribute("aria-expanded") === "false") rows[at].click();
    else if (event.key === "ArrowLeft" && rows[at]?.getAttribute("aria-expanded") === "true") rows[at].click();
    else return;
    event.preventDefault();
  });

  try {
    const top = await list("", 1);
    if (!top.length) return null;
    set(tree, top);
    if (!wanted) set(view, h("p", { class: "mut" }, "Choose a file to see it."));
  } catch (error) {
    // Without a proxy, or with a store that this server does not read, the reason is worth more than nothing.
    set(card, h("h3", {}, h("span", { class: "name" }, "Artifacts")), h("p", { class: "mut" }, error.message), h("p", { class: "mono mut" }, run.uri));
  }
  return card;
}

function head(id, file) {
  return h("div", { class: "filehead" }, h("span", { class: "mono", dir: "auto" }, file.path), h("small", {}, bytes(+file.file_size || 0)),
    h("span", { class: "sp" }), h("a", { class: "btn small", href: api.fileAddress(id, file.path), download: file.path.split("/").pop() }, "Download"));
}

async function preview(id, file) {
  const size = +file.file_size || 0;
  const { path } = file;
  if (PICTURES.test(path)) {
    const image = h("img", { src: api.fileAddress(id, path), alt: path, class: "pic" });
    await image.decode().catch(() => { throw new Error("the browser does not know this picture."); });
    return image;
  }
  if (/\.html?$/i.test(path)) {
    return [h("p", { class: "mut" }, "Shown in a frame of its own that reaches neither this page nor the network."),
      h("iframe", { class: "page", sandbox: "allow-scripts", src: api.pageAddress(id, path), title: path, referrerpolicy: "no-referrer" })];
  }
  const known = TEXTS.test(path) || NAMED.test(path) || /\.(json|csv|tsv|md|markdown)$/i.test(path);
  if (!known && size > MOST) return h("p", { class: "mut" }, "No preview for this kind of file.");
  const { text, cut } = await read(id, path, size);
  if (!known && /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text.slice(0, 4000))) return h("p", { class: "mut" }, "No preview for this kind of file.");
  const limit = cut && h("p", { class: "mut" }, `The first ${bytes(MOST)} of ${bytes(size)}; the rest is in the download.`);
  if (/\.(md|markdown)$/i.test(path)) return [limit, markdown(text)];
  if (/\.[ct]sv$/i.test(path)) return [limit, table(parseCSV(text, /\.tsv$/i.test(path) ? "\t" : ",", ROWS + 1))];
  if (/\.json$/i.test(path) && !cut) return json(text);
  return [limit, h("pre", { tabindex: "0", dir: "auto" }, text || "The file is empty.")];
}

async function read(id, path, size) {
  const answer = await fetch(api.fileAddress(id, path), size > MOST ? { headers: { Range: `bytes=0-${MOST - 1}` } } : {});
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).message ?? `the server answered ${answer.status}.`);
  const buffer = await answer.arrayBuffer();
  return { text: new TextDecoder().decode(buffer.slice(0, MOST)), cut: size > MOST };
}

/** JSON set out in lines; MLflow's tables of columns and rows as tables. */
function json(text) {
  let value;
  try { value = JSON.parse(text); } catch { return [h("p", { class: "mut" }, "This is no valid JSON; as text:"), h("pre", { tabindex: "0" }, text)]; }
  const columns = value?.columns;
  if (Array.isArray(columns) && Array.isArray(value.data) && value.data.every(Array.isArray)) {
    const word = (v) => (v !== null && typeof v === "object" ? JSON.stringify(v) : String(v));
    return table([columns.map(word), ...value.data.slice(0, ROWS).map((row) => row.map(word))], value.data.length);
  }
  return h("pre", { tabindex: "0" }, JSON.stringify(value, null, 2));
}

function table(rows, all = rows.length - 1) {
  const [headings = [], ...body] = rows;
  return [h("div", { class: "tscroll tall", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "plain" },
    h("thead", {}, h("tr", {}, headings.map((c) => h("th", { scope: "col" }, c)))),
    h("tbody", {}, body.slice(0, ROWS).map((row) => h("tr", {}, row.map((c) => h("td", { dir: "auto" }, c))))))),
  body.length >= ROWS && h("p", { class: "mut" }, `${count(ROWS, "row")} shown${all > ROWS ? ` of ${all}` : ""}.`)];
}
