// Dialogs and short messages.

import { $, button, h } from "./dom.js";
import { exactAddress } from "./place.js";

/** A modal dialog; answers what `close` was given, null when it was dismissed. */
export function dialog(title, build, { wide } = {}) {
  return new Promise((resolve) => {
    let result = null;
    const close = (value) => { result = value; element.close(); };
    const element = h("dialog", { class: wide ? "wide" : null, "aria-labelledby": "dialog-title" },
      h("h2", { id: "dialog-title" }, title), build(close));
    element.addEventListener("close", () => { element.remove(); resolve(result); });
    element.addEventListener("click", (event) => { if (event.target === element) close(null); });
    document.body.append(element);
    element.showModal();
  });
}

/** Asks before something is done; the action's word is on its button. */
export function confirm(title, text, action, danger = false) {
  return dialog(title, (close) => [
    h("p", {}, text),
    h("div", { class: "actions" }, button("Cancel", () => close(false)),
      button(action, () => close(true), { class: danger ? "btn bad" : "btn pri", autofocus: true })),
  ]);
}

/** Asks for texts: `fields` are `{ name, label, value, long, required }`; answers them by name. */
export function ask(title, fields, action = "Save") {
  return dialog(title, (close) =>
    h("form", { method: "dialog", on: { submit: (event) => {
      event.preventDefault();
      close(Object.fromEntries(new FormData(event.target)));
    } } },
    fields.map((field) => h("label", { class: "field" }, h("span", {}, field.label),
      h(field.long ? "textarea" : "input", {
        name: field.name, value: field.value ?? "", required: field.required, rows: field.long ? 10 : null,
        autocomplete: "off", spellcheck: "false",
      }))),
    h("div", { class: "actions" }, button("Cancel", () => close(null)), h("button", { class: "btn pri" }, action))));
}

/** A message that goes by itself; `bad` ones stay longer. */
export function toast(text, bad = false) {
  const element = h("div", { class: bad ? "toast bad" : "toast" }, text,
    button("×", () => element.remove(), { class: "close", "aria-label": "Dismiss" }));
  $("#toasts").append(element);
  setTimeout(() => element.remove(), bad ? 12_000 : 4000);
  return element;
}

/** Does something to each of many, six at a time, and shows how far it is; answers how many failed, and says why. */
export async function forEach(items, verb, work) {
  const shown = items.length > 5 ? toast(`${verb} 0 of ${items.length}`) : null;
  let done = 0;
  let failed = 0;
  let why = "";
  const queue = [...items];
  await Promise.all(Array.from({ length: Math.min(6, queue.length) }, async () => {
    while (queue.length) {
      try { await work(queue.shift()); } catch (error) { failed += 1; why = error.message; }
      done += 1;
      if (shown) shown.firstChild.textContent = `${verb} ${done} of ${items.length}`;
    }
  }));
  shown?.remove();
  if (failed) toast(`${failed} of ${items.length} failed: ${why}`, true);
  return failed;
}

/** Puts a text on the clipboard; where the browser has none for pages without TLS, in the way of old. */
export async function copy(text, what = "Copied.") {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const before = document.activeElement;
    const area = h("textarea", { class: "hidden", value: text, "aria-hidden": "true" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    before?.focus();
    if (!done) return void ask("Copy this", [{ name: "text", label: "The browser does not let this page copy: select the text.", value: text }], "Done");
  }
  return void toast(what);
}

/** Copies the address of exactly what is to be seen. */
export const copyLink = () => copy(exactAddress(), "The link to this view is copied.");

/**
 * A menu at an element: `items` are `{ label, act, checked, bad, off }`, false ones left out. It takes the focus and gives it
 * back.
 */
export function menu(anchor, label, items) {
  const before = document.activeElement;
  const close = () => {
    element.remove();
    anchor.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    if (before?.isConnected) before.focus();
  };
  const outside = (event) => { if (!element.contains(event.target)) close(); };
  const element = h("div", { class: "menu", role: "menu", "aria-label": label, on: { keydown: (event) => {
    const all = [...element.children].filter((one) => !one.disabled);
    const at = all.indexOf(document.activeElement);
    const next = { ArrowDown: all[at + 1] ?? all[0], ArrowUp: all[at - 1] ?? all.at(-1), Home: all[0], End: all.at(-1) }[event.key];
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") close();
    else if (next) next.focus();
    else return;
    event.preventDefault();
  } } }, items.filter(Boolean).map((item) => h("button", {
    type: "button", tabindex: "-1", class: item.bad ? "bad" : null, disabled: item.off,
    role: item.checked == null ? "menuitem" : "menuitemcheckbox", "aria-checked": item.checked == null ? null : String(item.checked),
    on: { click: () => { close(); item.act(); } },
  }, item.label)));
  document.body.append(element);
  anchor.setAttribute("aria-expanded", "true");
  const box = anchor.getBoundingClientRect();
  element.style.setProperty("left", `${Math.max(8, Math.min(box.left, innerWidth - element.offsetWidth - 8))}px`);
  element.style.setProperty("top", `${Math.max(8, Math.min(box.bottom + 2, innerHeight - element.offsetHeight - 8))}px`);
  document.addEventListener("pointerdown", outside, true);
  element.querySelector("button:not(:disabled)")?.focus();
}

const KEYS = [
  ["/", "to the filter"], ["j k ↓ ↑", "next, previous run"], ["→ ←", "open, close children"], ["Enter", "open the run"],
  ["x", "select"], ["X", "select the children"], ["c", "compare what is selected"], ["d", "dashboard"],
  ["Esc", "clear the selection"], ["h", "to the heads of the columns; there ← → move, ↓ opens a column's menu"],
  ["[ ]", "previous, next sibling of a run"], ["l", "copy the link to exactly this view"], ["g", "all experiments"], ["?", "this list"],
];

/** What keys there are. */
export function showKeys() {
  return dialog("Keys", (close) => [
    h("dl", { class: "kv keys" }, KEYS.map(([keys, what]) => [
      h("dt", {}, keys.split(" ").map((one) => h("kbd", {}, one))), h("dd", {}, what)])),
    h("div", { class: "actions" }, button("Close", () => close(null), { class: "btn pri", autofocus: true })),
  ]);
}
