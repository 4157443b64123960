// Makes elements. All text goes in as text: nothing in these pages is ever parsed as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element. `props` are attributes, but: `on` listeners, `style` single properties, `data` data attributes. */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same in SVG's namespace. */
export function s(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props || {})) {
    if (value == null || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "style") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "value" || name === "checked" || name === "indeterminate") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child == null || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Puts these children in place of what an element has. */
export function set(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

export const $ = (query, within = document) => within.querySelector(query);

const PATHS = {
  chevron: "m5 3 4 4-4 4",
  search: "M6.200 10.400a4.200 4.200 0 1 0 0-8.400 4.200 4.200 0 0 0 0 8.400zM9.300 9.300 12.500 12.500",
  FINISHED: "m3 7.400 2.600 2.600L11 4.400",
  FAILED: "m4 4 6 6m0-6-6 6",
  KILLED: "M4 4h6v6H4z",
  RUNNING: "M7 2.500A4.500 4.500 0 1 1 2.500 7",
  SCHEDULED: "M7 4v3l2 1.500M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10z",
  theme: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM7 2v10",
  more: "M3 7h.01M7 7h.01M11 7h.01",
  file: "M4 1.500h4l3 3v8H4zM8 1.500v3h3",
  folder: "M1.500 4V3h4l1.200 1.500h5.800V11h-11z",
  roost: "M1 12h13M3 12c0-5 2-8.500 6-8.500L11 5l-.8 1.200C11.600 7.500 12 9.500 12 12",
  models: "M7 1.500 12 4v6l-5 2.500L2 10V4zM2 4l5 2.500L12 4M7 6.500v6",
  pin: "M5 1.500h4M5.500 1.500 5 6 3 8.500h8L9 6l-.5-4.500M7 8.500v4",
  link: "M5.800 8.200a2.300 2.300 0 0 0 3.300 0l2-2a2.300 2.300 0 0 0-3.300-3.300l-.7.7M8.200 5.800a2.300 2.300 0 0 0-3.300 0l-2 2a2.300 2.300 0 0 0 3.300 3.300l.7-.7",
  help: "M5 5.200C5 4 5.900 3.200 7 3.200s2 .8 2 1.900c0 1.500-2 1.700-2 3.200M7 11h.01",
};

/** One of the signs; with a title it says something, without one it only decorates. */
export function icon(name, title, size = 14) {
  return s(
    "svg",
    {
      class: "i", width: size, height: size, viewBox: "0 0 14 14", fill: "none", stroke: "currentColor",
      "stroke-width": name === "more" ? 2.4 : 1.6, "stroke-linecap": "round", "stroke-linejoin": "round",
      role: title ? "img" : null, "aria-label": title, "aria-hidden": title ? null : "true",
    },
    s("path", { d: PATHS[name] || PATHS.file }),
  );
}

const WORDS = { FINISHED: "Finished", FAILED: "Failed", KILLED: "Killed", RUNNING: "Running", SCHEDULED: "Scheduled" };

/** What came of a run: a sign, and the word beside it if asked. Never by colour alone. */
export function status(code, word = false) {
  const name = WORDS[code] || code;
  return h("span", { class: `st ${WORDS[code] ? code : ""}`, title: name }, icon(code, word ? null : name), word && name);
}

/** A button. */
export function button(label, onclick, props = {}) {
  return h("button", { type: "button", class: "btn", ...props, on: { click: onclick, ...props.on } }, label);
}
