// Dialogs and short messages.

import { $, button, h } from "./dom.js";

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

/** Puts a text on the clipboard, where the browser allows it. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied.");
  } catch {
    toast("The browser does not let this page copy; select the text instead.", true);
  }
}

const KEYS = [
  ["/", "to the filter"], ["j k ↓ ↑", "next, previous run"], ["→ ←", "open, close children"], ["Enter", "open the run"],
  ["x", "select"], ["X", "select the children"], ["c", "compare what is selected"], ["d", "dashboard"],
  ["Esc", "clear the selection"], ["[ ]", "previous, next sibling of a run"], ["?", "this list"],
];

/** What keys there are. */
export function showKeys() {
  return dialog("Keys", (close) => [
    h("dl", { class: "kv keys" }, KEYS.map(([keys, what]) => [
      h("dt", {}, keys.split(" ").map((one) => h("kbd", {}, one))), h("dd", {}, what)])),
    h("div", { class: "actions" }, button("Close", () => close(null), { class: "btn pri", autofocus: true })),
  ]);
}
