// Markdown to elements, never to markup: headings, lists, quotes, code, tables, links to http(s) and mail, emphasis.
// What it does not know stays as the text that it is; HTML in it too.

import { h } from "./dom.js";

/** The elements of a text. */
export function markdown(text) {
  return h("div", { class: "md" }, blocks(text.replaceAll("\r\n", "\n").split("\n")));
}

const START = /^(#{1,6} |```|~~~|\s*([-*+]|\d{1,9}[.)]) |> ?|( {0,3}([-*_])[ ]*(\4[ ]*){2,})$)/;

// Deeper than this nothing is nested, whatever a text says.
const DEEPEST = 12;

function blocks(lines, depth = 0) {
  if (depth > DEEPEST) return [lines.join("\n")];
  const out = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i];
    const heading = /^(#{1,6}) +(.*?)(?: +#+)?$/.exec(line);
    if (!line.trim()) i += 1;
    else if (heading) {
      // The page has its own first two levels.
      out.push(h(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2])));
      i += 1;
    } else if (/^(```|~~~)/.test(line)) {
      const fence = line.slice(0, 3);
      const end = lines.findIndex((l, at) => at > i && l.startsWith(fence));
      const stop = end < 0 ? lines.length : end;
      out.push(h("pre", { tabindex: "0" }, h("code", {}, lines.slice(i + 1, stop).join("\n"))));
      i = stop + 1;
    } else if (/^ {0,3}([-*_])[ ]*(\1[ ]*){2,}$/.test(line)) {
      out.push(h("hr"));
      i += 1;
    } else if (line.startsWith(">")) {
      let end = i;
      while (end < lines.length && lines[end].startsWith(">")) end += 1;
      out.push(h("blockquote", {}, blocks(lines.slice(i, end).map((l) => l.replace(/^> ?/, "")), depth + 1)));
      i = end;
    } else if (/^\s*([-*+]|\d{1,9}[.)]) /.test(line)) {
      const [list, end] = listAt(lines, i, depth);
      out.push(list);
      i = end;
    } else if (line.includes("|") && /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(lines[i + 1] || "")) {
      let end = i + 2;
      while (end < lines.length && lines[end].includes("|")) end += 1;
      const cells = (l) => l.trim().replace(/^\||\|$/g, "").split("|").map((c) => inline(c.trim()));
      out.push(h("div", { class: "tscroll", tabindex: "0" }, h("table", { class: "plain" },
        h("thead", {}, h("tr", {}, cells(line).map((c) => h("th", {}, c)))),
        h("tbody", {}, lines.slice(i + 2, end).map((l) => h("tr", {}, cells(l).map((c) => h("td", {}, c))))))));
      i = end;
    } else {
      let end = i + 1;
      while (end < lines.length && lines[end].trim() && !START.test(lines[end])) end += 1;
      const body = lines.slice(i, end);
      out.push(h("p", {}, body.map((l, at) => [inline(l.trim()), at < body.length - 1 && (/ {2,}$|\\$/.test(l) ? h("br") : " ")])));
      i = end;
    }
  }
  return out;
}

function listAt(lines, from, depth) {
  const indent = (l) => /^\s*/.exec(l)[0].length;
  const marker = /^(\s*)([-*+]|\d{1,9}[.)]) +(.*)$/;
  const [, space, mark] = marker.exec(lines[from]);
  const items = [];
  let i = from;
  while (i < lines.length) {
    const found = marker.exec(lines[i]);
    if (!found || found[1].length !== space.length) break;
    const inner = [];
    i += 1;
    while (i < lines.length && lines[i].trim() && indent(lines[i]) > space.length) {
      inner.push(lines[i].slice(space.length + Math.min(2, indent(lines[i]) - space.length)));
      i += 1;
    }
    const task = /^\[([ xX])\] +(.*)$/.exec(found[3]);
    items.push(h("li", {}, task && h("span", {}, task[1] === " " ? "☐ " : "☑ "), inline(task ? task[2] : found[3]), blocks(inner, depth + 1)));
  }
  return [h(/\d/.test(mark) ? "ol" : "ul", {}, items), i];
}

const INLINE = [
  [/^\\([\\`*_{}[\]()#+\-.!|<>~])/, (m) => m[1]],
  [/^(`+)([^`](?:.*?[^`])?)\1(?!`)/, (m) => h("code", {}, m[2])],
  [/^!?\[([^\]\n]*)\]\(\s*<?([^\s()>]+(?:\([^\s()]*\)[^\s()>]*)*)>?(?:\s+"[^"]*")?\s*\)/, (m) => link(m[2], m[1])],
  [/^<((?:https?:\/\/|mailto:)[^\s<>]+)>/, (m) => link(m[1], m[1])],
  [/^(https?:\/\/[^\s<>()]+[^\s<>().,;:!?'"])/, (m) => link(m[1], m[1])],
  [/^(\*\*|__)(?=\S)(.+?\S|\S)\1/, (m, depth) => h("strong", {}, inline(m[2], depth + 1))],
  [/^~~(?=\S)(.+?)~~/, (m, depth) => h("s", {}, inline(m[1], depth + 1))],
  [/^([*_])(?=\S)([^*_]*?\S|\S)\1(?!\w)/, (m, depth) => h("em", {}, inline(m[2], depth + 1))],
];

function inline(text, depth = 0) {
  if (depth > DEEPEST) return [text];
  const out = [];
  let plain = "";
  let rest = text;
  while (rest) {
    let found = null;
    // An underscore or an address inside of a word is a part of it.
    const inWord = /\w$/.test(plain);
    for (const [pattern, make] of INLINE) {
      const match = pattern.exec(rest);
      if (match && !(inWord && /^[_h]/.test(match[0]))) {
        found = [match[0].length, make(match, depth)];
        break;
      }
    }
    if (!found) {
      const next = rest.slice(1).search(/[\\`*_~[<!h]/);
      const cut = next < 0 ? rest.length : next + 1;
      plain += rest.slice(0, cut);
      rest = rest.slice(cut);
      continue;
    }
    if (plain) out.push(plain);
    plain = "";
    out.push(found[1]);
    rest = rest.slice(found[0]);
  }
  if (plain) out.push(plain);
  return out;
}

/** A link that leaves; a picture becomes one too, for this page loads nothing from elsewhere. */
function link(address, text) {
  if (!/^(https?:|mailto:)/i.test(address)) return text || address;
  return h("a", { href: address, rel: "noopener noreferrer nofollow", target: "_blank" }, text || address);
}
