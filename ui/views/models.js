// Registered models, their versions, stages and aliases.

import { api } from "../lib/api.js";
import { copy } from "../lib/dialog.js";
import { button, h, set } from "../lib/dom.js";
import { ago, exactly, num } from "../lib/format.js";
import { markdown } from "../lib/markdown.js";
import { emptyState, named, pageHead } from "../lib/page.js";
import { note, to } from "../lib/place.js";

const quoted = (text) => `'%${text.replaceAll("'", "")}%'`;

export async function modelsView(page) {
  named("Models");
  const list = h("div", {});
  const search = h("input", { type: "search", class: "search", placeholder: "Search models", "aria-label": "Search models", value: page.query.get("q") ?? "", autocomplete: "off" });
  let turn = 0;
  const draw = async (token, before = []) => {
    turn += 1;
    const mine = turn;
    const json = await api.models(search.value ? `name ILIKE ${quoted(search.value)}` : "", token);
    if (mine !== turn) return;
    const models = [...before, ...(json.registered_models ?? [])];
    if (!models.length) {
      set(list, emptyState(search.value ? "No model has this in its name" : "No registered models yet", search.value ? null : "mlflow.register_model(\"runs:/RUN_ID/model\", \"name\") registers the first."));
      return;
    }
    set(list, h("div", { class: "tscroll" }, h("table", { class: "lines" },
      h("thead", {}, h("tr", {}, ["Name", "Latest version", "Aliases", "Note", "Changed"].map((t) => h("th", { scope: "col" }, t)))),
      h("tbody", {}, models.map((model) => h("tr", {},
        h("td", { class: "name" }, h("a", { href: to.model(model.name), dir: "auto" }, model.name)),
        h("td", {}, latest(model) ?? "–"), h("td", {}, (model.aliases ?? []).map((a) => h("span", { class: "chip" }, `@${a.alias}: ${a.version}`))),
        h("td", { class: "val mut" }, h("div", { class: "clip", dir: "auto" }, model.description ?? "")),
        h("td", { class: "mut nw", title: exactly(+model.last_updated_timestamp) }, ago(+model.last_updated_timestamp))))))),
    json.next_page_token && button("More", () => draw(json.next_page_token, models)));
  };
  search.addEventListener("input", () => { note({ q: search.value }); draw(null).catch(() => {}); });
  await draw(null);
  set(page.main, pageHead({ title: "Models" }), h("div", { class: "scroll" }, h("section", { class: "card", "aria-label": "Registered models" },
    h("h3", {}, h("span", { class: "name" }, "Registered models"), h("span", { class: "sp" }), search), list)));
  page.onKey((key) => { if (key !== "/") return false; search.focus(); return true; });
}

const latest = (model) => (model.latest_versions?.length ? String(Math.max(...model.latest_versions.map((v) => +v.version))) : null);

export async function modelView(page, name) {
  const model = await api.model(name);
  named(model.name);
  const found = [];
  let token;
  do {
    const json = await api.versions(name, token);
    found.push(...(json.model_versions ?? []));
    token = json.next_page_token;
  } while (token && found.length < 2000);
  found.sort((a, b) => b.version - a.version);
  const aliases = (version) => (model.aliases ?? []).filter((a) => String(a.version) === String(version)).map((a) => h("span", { class: "chip" }, `@${a.alias}`));
  set(page.main, pageHead({ crumbs: [["Models", to.models()]], title: model.name }), h("div", { class: "scroll" }, h("div", { class: "stack" },
    model.description && h("section", { class: "card", "aria-label": "Note" }, markdown(model.description)),
    h("section", { class: "card", "aria-label": "Versions" }, h("h3", {}, h("span", { class: "name" }, "Versions"), h("small", {}, num(found.length))),
      found.length ? h("div", { class: "tscroll" }, h("table", { class: "lines" },
        h("thead", {}, h("tr", {}, ["Version", "Aliases", "Stage", "Run", "Note", "Made"].map((t) => h("th", { scope: "col" }, t)))),
        h("tbody", {}, found.map((v) => h("tr", {},
          h("td", { class: "name" }, h("a", { href: to.version(name, v.version) }, v.version)), h("td", {}, aliases(v.version)),
          h("td", { class: "mut" }, v.current_stage && v.current_stage !== "None" ? v.current_stage : "–"),
          h("td", { class: "mono" }, v.run_id ? h("a", { href: to.run(v.run_id) }, v.run_id.slice(0, 12)) : "–"),
          h("td", { class: "val mut" }, h("div", { class: "clip", dir: "auto" }, v.description ?? "")),
          h("td", { class: "mut nw", title: exactly(+v.creation_timestamp) }, ago(+v.creation_timestamp))))))) : h("p", { class: "mut" }, "No versions yet.")),
    tagList(model.tags))));
}

export async function versionView(page, name, number) {
  const version = await api.version(name, number);
  named(`${name} ${number}`);
  const row = (label, value) => value != null && value !== "" && [h("dt", {}, label), h("dd", { dir: "auto" }, value)];
  const address = `models:/${name}/${number}`;
  set(page.main, pageHead({ crumbs: [["Models", to.models()], [name, to.model(name)]], title: `Version ${number}` }), h("div", { class: "scroll" }, h("div", { class: "cols" },
    h("div", { class: "stack" },
      h("section", { class: "card", "aria-label": "Use" }, h("h3", {}, h("span", { class: "name" }, "Use")), h("pre", { tabindex: "0" }, `model = mlflow.pyfunc.load_model(${JSON.stringify(address)})`),
        button("Copy", () => copy(`model = mlflow.pyfunc.load_model(${JSON.stringify(address)})`), { class: "btn small" })),
      version.description && h("section", { class: "card", "aria-label": "Note" }, h("h3", {}, h("span", { class: "name" }, "Note")), markdown(version.description))),
    h("div", { class: "stack" },
      h("section", { class: "card", "aria-label": "Details" }, h("h3", {}, h("span", { class: "name" }, "Details")), h("dl", { class: "kv" },
        row("Status", version.status), row("Stage", version.current_stage), row("Aliases", (version.aliases ?? []).map((a) => `@${a}`).join(", ")),
        row("Made", exactly(+version.creation_timestamp)), row("Changed", exactly(+version.last_updated_timestamp)), row("User", version.user_id),
        row("Run", version.run_id && h("a", { href: to.run(version.run_id), class: "mono" }, version.run_id)), row("Source", h("span", { class: "mono" }, version.source ?? "")),
        row("Message", version.status_message))), tagList(version.tags)))));
}

function tagList(tags) {
  if (!tags?.length) return null;
  return h("section", { class: "card", "aria-label": "Tags" }, h("h3", {}, h("span", { class: "name" }, "Tags")), h("dl", { class: "kv" }, tags.map((t) => [h("dt", { dir: "auto" }, t.key), h("dd", { dir: "auto" }, t.value)])));
}
