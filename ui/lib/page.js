// What pages share: the head, empty states, messages in place of content.

import { button, h, set } from "./dom.js";
import { copy } from "./dialog.js";
import { serverAddress, to } from "./place.js";

/** The head of a page: where it belongs, its title, and what can be done. `tabs` are `[label, address, isHere]`. */
export function pageHead({ crumbs = [], title, extra, actions, tabs = [] }) {
  return h("header", { class: "page" },
    h("div", { class: "crumb" }, crumbs.map(([label, address], at) => [at > 0 && h("span", { "aria-hidden": "true" }, "/"), h("a", { href: address, dir: "auto" }, label)])),
    h("div", { class: "title" }, h("h1", { title, dir: "auto" }, title), extra, h("span", { class: "sp" }), actions),
    tabs.length ? h("nav", { class: "tabs", "aria-label": "Views" }, tabs.map(([label, address, isHere]) => h("a", { href: address, "aria-current": isHere ? "page" : null }, label))) : h("div", { class: "tabs none" }));
}

/** Names the page in the browser's tab. */
export function named(title) {
  document.title = title ? `${title} · Roost` : "Roost";
}

/** A message in place of content, with what can be done about it. */
export function emptyState(title, text, ...more) {
  return h("div", { class: "empty" }, h("h2", {}, title), text && h("p", {}, text), more);
}

/** What went wrong, in words that help. */
export function failure(error, again) {
  const planned = error.status === 501;
  const title = planned ? "Not on this server yet" : error.status === 404 ? "Not found" : error.status === 0 ? "No connection" : "That did not work";
  return emptyState(title, error.message, h("div", { class: "actions left" },
    !planned && again && button("Try again", again, { class: "btn pri" }), h("a", { class: "btn", href: to.home() }, "All experiments")));
}

/** The lines that bring the first run here, with this server's address. */
export function quickStart(experiment) {
  const name = experiment && experiment !== "Default" ? ` MLFLOW_EXPERIMENT_NAME=${shell(experiment)}` : "";
  const lines = ["pip install mlflow", `export MLFLOW_TRACKING_URI=${serverAddress}${name}`, `python -c "import mlflow; mlflow.log_metric('hello', 1)"`];
  return h("div", { class: "start" }, h("pre", { tabindex: "0" }, lines.join("\n")), button("Copy", () => copy(lines.join("\n")), { class: "btn" }));
}

const shell = (text) => (/^[\w.\-/]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Puts "loading" into an element, but only when it takes a while. */
export function loading(element) {
  const word = h("p", { class: "wait", role: "status" }, "Loading …");
  const timer = setTimeout(() => { if (!element.firstChild) set(element, word); }, 250);
  return () => {
    clearTimeout(timer);
    word.remove();
  };
}
