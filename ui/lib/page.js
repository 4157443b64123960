// What pages share: the head, empty states, messages in place of content.

import { button, h, icon, set } from "./dom.js";
import { copy, copyLink, menu } from "./dialog.js";
import { serverAddress, to } from "./place.js";

/**
 * The head of a page: where it belongs, its title, and what can be done. `tabs` are `[label, address, isHere]`; `more` are
 * further actions, `{ label, act, title, pressed }`: buttons where there is room, else a menu.
 */
export function pageHead({ crumbs = [], title, extra, actions, more = [], tabs = [] }) {
  const all = [...more, { label: "Copy link", act: copyLink }];
  const opener = button(icon("more"), () => menu(opener, "More", all.map((one) => ({ label: one.label, act: one.act, checked: one.pressed }))),
    { class: "btn icon narrow", "aria-label": "More", "aria-haspopup": "menu", "aria-expanded": "false" });
  return h("header", { class: "page" },
    h("div", { class: "crumb" }, crumbs.map(([label, address], at) => [at > 0 && h("span", { "aria-hidden": "true" }, "/"), h("a", { href: address, dir: "auto" }, label)])),
    h("div", { class: "title" }, h("h1", { title, dir: "auto" }, title), extra, h("span", { class: "sp" }), actions,
      more.map((one) => button(one.label, one.act, { class: "btn opt", title: one.title, "aria-pressed": one.pressed == null ? null : String(one.pressed) })),
      button(icon("link"), copyLink, { class: "btn icon opt", "aria-label": "Copy link", title: "Copy the link to exactly this view (l)" }), opener),
    tabs.length ? h("nav", { class: "tabs", "aria-label": "Views" }, tabs.map(([label, address, isHere]) => h("a", { href: address, "aria-current": isHere ? "page" : null }, label))) : h("div", { class: "tabs none" }));
}

/** The views of an experiment. */
export function experimentTabs(id, here) {
  return [["Runs", to.experiment(id), here === "runs"], ["Dashboard", to.dashboard(id), here === "dashboard"]];
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

/** Does something once an element is in sight, or nearly. */
export function whenSeen(element, work) {
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watch.disconnect();
    work();
  }, { rootMargin: "250px" });
  watch.observe(element);
}

/** Puts "loading" into an element, but only when it takes a while. */
export function loading(element) {
  const word = h("p", { class: "wait", role: "status" }, "Loading …");
  const timer = setTimeout(() => { if (!element.firstChild) set(element, word); }, 250);
  return () => {
    clearTimeout(timer);
    word.remove();
  };
}
