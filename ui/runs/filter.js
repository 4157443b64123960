// The filter bar: MLflow's filter language, with completion of keys, operators and states, and the server's words below
// when it refuses.

import { key } from "../lib/api.js";
import { h, icon, set } from "../lib/dom.js";

const ATTRIBUTES = ["status", "run_name", "start_time", "end_time", "user_id", "run_id", "artifact_uri"];
const STATES = ["FINISHED", "FAILED", "RUNNING", "KILLED", "SCHEDULED"];
const MOST = 12;

export class FilterBar {
  constructor({ keys, apply }) {
    this.keys = keys;
    this.input = h("input", {
      id: "filter", type: "text", role: "combobox", "aria-label": "Filter runs", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": "filter-list", autocomplete: "off", spellcheck: "false", autocapitalize: "off",
      placeholder: "metrics.duration > 1 AND params.input_topic = '猫'",
      on: {
        input: () => this.suggest(), focus: () => this.suggest(), blur: () => setTimeout(() => this.hide(), 150),
        keydown: (event) => this.press(event, apply),
      },
    });
    this.list = h("ul", { id: "filter-list", class: "list", role: "listbox", "aria-label": "Completions", hidden: true });
    this.clear = h("button", { type: "button", class: "x", "aria-label": "Clear the filter", hidden: true,
      on: { click: () => { this.value = ""; apply(""); this.input.focus(); } } }, "×");
    this.error = h("div", { class: "err", role: "alert", id: "filter-error" });
    this.element = h("div", { class: "filter" }, icon("search"), this.input, this.clear, h("kbd", { "aria-hidden": "true" }, "/"), this.list);
  }

  get value() { return this.input.value.trim(); }
  set value(text) {
    this.input.value = text;
    this.clear.hidden = !text;
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  /** The server's words, and a caret under what they speak of. */
  refuse(message) {
    this.input.setAttribute("aria-invalid", message ? "true" : "false");
    if (message) this.input.setAttribute("aria-describedby", "filter-error");
    else this.input.removeAttribute("aria-describedby");
    if (!message) return set(this.error);
    const spoken = [...message.matchAll(/['"`]([^'"`]+)['"`]/g)].map((m) => m[1]).find((part) => this.value.includes(part));
    const at = spoken ? this.value.indexOf(spoken) : -1;
    return set(this.error, h("p", {}, message), at >= 0 && h("pre", { "aria-hidden": "true" }, this.value, "\n", " ".repeat(width(this.value.slice(0, at))), "^".repeat(width(spoken))));
  }

  /** What may stand where the cursor is: `{ from, options: [{ text, note }] }`. */
  offers() {
    const before = this.input.value.slice(0, this.input.selectionStart ?? this.input.value.length);
    const state = /status\s*(?:=|!=)\s*'?(\w*)$/.exec(before);
    if (state) {
      const from = before.length - /'?\w*$/.exec(before)[0].length;
      return { from, options: STATES.filter((s) => s.startsWith(state[1].toUpperCase())).map((s) => ({ text: `'${s}' `, note: "status" })) };
    }
    if ((before.match(/'/g) || []).length % 2) return { from: 0, options: [] };
    const operator = /(?:^|\s|\()((?:metrics?|params?|parameters?|tags?|attributes?|attr|run|datasets?)\.(?:`[^`]*`|"[^"]*"|[^\s=<>!]+)|[a-z_]+)\s+([^\s\w'"]*)$/i.exec(before);
    if (operator && !/^(and|or|not)$/i.test(operator[1])) {
      const words = /^metric/.test(operator[1]) || /(start|end)_time$/.test(operator[1])
        ? ["> ", ">= ", "< ", "<= ", "= ", "!= "] : ["= '", "!= '", "LIKE '%", "ILIKE '%"];
      return { from: before.length - operator[2].length, options: words.filter((w) => w.startsWith(operator[2])).map((text) => ({ text, note: "" })) };
    }
    if (/(?:'|"|\d|\)|NULL)\s+\w{0,3}$/i.test(before) && before.trim()) {
      const typed = /\w*$/.exec(before)[0].toUpperCase();
      return { from: before.length - typed.length, options: ["AND ", "OR "].filter((w) => w.startsWith(typed)).map((text) => ({ text, note: "" })) };
    }
    const token = /[\w.`/\-]*$/.exec(before)[0];
    const wanted = token.toLowerCase().replaceAll("`", "");
    const all = [
      ...ATTRIBUTES.map((name) => ({ text: `attributes.${name}`, note: "run" })),
      ...this.keys.names("m").map((name) => ({ text: key("metrics", name), note: "metric" })),
      ...this.keys.names("p").map((name) => ({ text: key("params", name), note: "param" })),
      ...this.keys.names("t").map((name) => ({ text: key("tags", name), note: "tag" })),
    ];
    const begins = [];
    const contains = [];
    for (const one of all) {
      const plain = one.text.toLowerCase().replaceAll("`", "");
      if (plain.startsWith(wanted) || plain.split(".").slice(1).join(".").startsWith(wanted)) begins.push(one);
      else if (wanted && plain.includes(wanted)) contains.push(one);
      if (begins.length >= MOST) break;
    }
    return { from: before.length - token.length, options: [...begins, ...contains].slice(0, MOST).map((o) => ({ ...o, text: `${o.text} ` })) };
  }

  suggest() {
    this.clear.hidden = !this.input.value;
    const { from, options } = this.offers();
    this.from = from;
    this.options = options;
    this.at = -1;
    this.show();
  }

  show() {
    const isOpen = this.options.length > 0 && document.activeElement === this.input;
    this.list.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen));
    set(this.list, this.options.map((option, at) => h("li", {
      role: "option", id: `offer-${at}`, "aria-selected": String(at === this.at),
      on: { pointerdown: (event) => { event.preventDefault(); this.take(at); } },
    }, h("span", {}, option.text.trim()), h("small", {}, option.note))));
    if (this.at >= 0) this.input.setAttribute("aria-activedescendant", `offer-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
  }

  hide() {
    this.options = [];
    this.show();
  }

  take(at) {
    const end = this.input.selectionStart ?? this.input.value.length;
    const text = this.input.value.slice(0, this.from) + this.options[at].text;
    this.input.value = text + this.input.value.slice(end);
    this.input.setSelectionRange(text.length, text.length);
    this.suggest();
  }

  press(event, apply) {
    const many = this.options?.length ?? 0;
    if (event.isComposing) return; // Enter ends the conversion of Japanese input
    if (event.key === "ArrowDown" && many) this.at = (this.at + 1) % many;
    else if (event.key === "ArrowUp" && many) this.at = (this.at - 1 + many) % many;
    else if (event.key === "Tab" && many && this.at >= 0) this.take(this.at);
    else if (event.key === "Enter") {
      if (this.at >= 0) this.take(this.at);
      else {
        this.hide();
        apply(this.value);
      }
    } else if (event.key === "Escape") {
      if (many) this.hide();
      else this.input.blur();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key.startsWith("Arrow")) this.show();
  }
}

const width = (text) => [...text].reduce((n, c) => n + (/[\u1100-\uffdc]/.test(c) ? 2 : 1), 0);
