// What all charts share: the frame, hover and keyboard, the table that says the same, PNG. A chart itself only draws.
// A strict Content-Security-Policy holds: no inline style, text only through textContent. PNG needs `img-src blob:`.
import { fitText } from './scale.js';

const sheet = `.rc{position:relative;min-width:0}.rc-plot{position:relative;border-radius:6px}.rc svg{display:block;width:100%;overflow:visible}
.rc text{font:11px var(--font);fill:var(--ink3)}.rc .rc-halo{paint-order:stroke;stroke:var(--surface);stroke-width:4px;stroke-linejoin:round}.rc .rc-lab{fill:var(--ink2)}.rc .rc-val{fill:var(--ink);font-weight:550}
.rc-grid{stroke:var(--line)}.rc-axis{stroke:var(--line2)}.rc-bad{stroke:var(--bad);fill:none;stroke-width:1.5}.rc text.rc-none{fill:var(--bad)}
${[0, 1, 2, 3, 4, 5].map(i => `.rc-c${i}{--c:var(--c${i})}`).join('')}
.rc-fill{fill:var(--c);stroke:var(--surface)}.rc-line{fill:none;stroke:var(--c);stroke-width:1.7;stroke-linejoin:round}.rc-thin{stroke-width:1.1;opacity:.6}.rc-many{opacity:.3}.rc-raw{opacity:.3;stroke-width:1}
.rc-band{fill:var(--c);opacity:.16}.rc-bar{fill:var(--c)}.rc-pick{cursor:pointer}.rc-cursor{fill:none;stroke:var(--ink);stroke-width:2}.rc-rule{stroke:var(--line2);stroke-dasharray:3 3}
.rc-dim [data-id]:not(.rc-hot){opacity:.22}.rc-hot .rc-line,.rc-hot.rc-line{stroke-width:3;opacity:1}.rc-hot .rc-bar,.rc-hot .rc-fill{stroke:var(--ink);stroke-width:1.5}
.rc-tip{position:absolute;left:0;top:0;pointer-events:none;background:var(--ink);color:var(--surface);border-radius:7px;padding:6px 9px;font-size:12px;z-index:5;width:max-content;max-width:min(280px,90%);overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.rc-tip b{display:block;font-weight:600}.rc-tip span{display:block}.rc-note{color:var(--ink3);font-size:12px}.rc-say{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.rc details{font-size:12px;color:var(--ink2)}.rc summary{cursor:pointer;width:max-content}.rc-table{max-height:260px;overflow:auto}.rc table{border-collapse:collapse;font-variant-numeric:tabular-nums}
.rc th,.rc td{text-align:left;padding:2px 12px 2px 0;font-weight:400;border-top:1px solid var(--line);white-space:nowrap}`;
let styled = false;

/** An SVG element. */
export function svg(tag, attributes = {}, ...children) {
  const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const k in attributes) if (attributes[k] !== undefined && attributes[k] !== null) e.setAttribute(k, attributes[k]);
  e.append(...children.filter(c => c !== null && c !== undefined && c !== false));
  return e;
}
/** Text in an SVG, cut to `width` letters. */
export const label = (x, y, text, { width = 200, anchor, name } = {}) => svg('text', { x, y, 'text-anchor': anchor, class: name }, fitText(text, width));

function html(tag, name, ...children) {
  const e = document.createElement(tag);
  if (name) e.className = name;
  e.append(...children);
  return e;
}

/**
 * Mounts a chart. `draw(options, width)` answers
 * {height, nodes, marks: [{id, row, x, y, group}] in reading order, pick(x, y) → index of a mark or -1, tell(mark) → lines of text,
 *  summary, note, table: {columns, rows: [{row, cells}]}}.
 */
export function mount(element, options, draw) {
  if (!styled) {
    const s = new CSSStyleSheet();
    s.replaceSync(sheet);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, s];
    styled = true;
  }
  let current = { ...options }, scene, at = -1, held = null, width = 0, frame = 0;
  const tip = html('div', 'rc-tip'), plot = html('div', 'rc-plot'), note = html('div', 'rc-note'), say = html('div', 'rc-say');
  const holder = html('div', 'rc-table'), details = html('details', '', html('summary', '', 'Data as a table'), holder), root = html('div', 'rc', plot, tip, say, note, details);
  let picture = svg('svg');
  tip.hidden = true;
  plot.tabIndex = 0;
  plot.setAttribute('role', 'group');
  say.setAttribute('aria-live', 'polite');
  holder.tabIndex = 0;
  holder.setAttribute('role', 'region');
  element.replaceChildren(root);

  const emphasise = id => {
    const known = id !== null && scene.marks.some(m => m.id === id);
    picture.classList.toggle('rc-dim', known);
    for (const n of picture.querySelectorAll('[data-id]')) {
      const hot = known && n.dataset.id === String(id);
      n.classList.toggle('rc-hot', hot);
      if (hot) n.parentNode.append(n);
    }
  };
  const point = (index, spoken) => {
    const changed = index !== at, mark = scene.marks[index];
    at = mark ? index : -1;
    picture.querySelector('.rc-over')?.remove();
    tip.hidden = !mark;
    if (mark) {
      picture.append(svg('g', { class: 'rc-over' }, scene.rule && svg('line', { class: 'rc-rule', x1: mark.x, x2: mark.x, y1: 8, y2: scene.rule }), svg('circle', { class: 'rc-cursor', cx: mark.x, cy: mark.y, r: 6 })));
      const [head, ...rest] = scene.tell(mark);
      tip.replaceChildren(html('b', '', head), ...rest.map(t => html('span', '', t)));
      const x = Math.max(0, Math.min(width - tip.offsetWidth, mark.x + 12)), y = mark.y + 14 + tip.offsetHeight > scene.height ? mark.y - tip.offsetHeight - 10 : mark.y + 14;
      tip.style.transform = `translate(${Math.round(x)}px,${Math.round(y)}px)`;
      if (spoken) say.textContent = [head, ...rest].join(', ');
    }
    if (changed) {
      emphasise(mark ? mark.id : held);
      current.onHover?.(mark ? mark.row : null);
    }
  };
  const fill = () => {
    if (!details.open) return;
    const { columns, rows } = scene.table, head = html('tr'), body = html('tbody');
    for (const c of columns) { const th = html('th', '', c); th.scope = 'col'; head.append(th); }
    for (const { row, cells } of rows.slice(0, 500)) {
      const tr = html('tr');
      cells.forEach((c, i) => {
        let inner = document.createTextNode(c);
        if (i === 0 && row?.href) { inner = html('a', '', c); inner.href = row.href; }
        tr.append(html('td', '', inner));
      });
      body.append(tr);
    }
    holder.replaceChildren(html('table', '', html('thead', '', head), body), ...(rows.length > 500 ? [html('p', '', `500 of ${rows.length} rows`)] : []));
  };
  const render = () => {
    width = Math.floor(plot.clientWidth);
    if (width < 40) return;
    const before = at >= 0 ? scene.marks[at] : null;
    scene = draw(current, width);
    picture = svg('svg', { viewBox: `0 0 ${width} ${scene.height}`, height: scene.height, role: 'img', 'aria-label': scene.summary }, ...scene.nodes);
    plot.replaceChildren(picture);
    plot.setAttribute('aria-label', `${current.label ?? 'Chart'}; arrow keys move between points`);
    holder.setAttribute('aria-label', `${current.label ?? 'Chart'}, data`);
    note.textContent = scene.note ?? '';
    details.hidden = scene.marks.length === 0;
    fill();
    emphasise(held);
    if (before) { at = -1; point(scene.marks.findIndex(m => m.id === before.id && m.key === before.key), false); }
  };
  const locate = event => {
    const key = event.target.closest?.('.rc-key');
    if (key) return scene.marks.findLastIndex(m => String(m.id) === key.dataset.id);
    const box = plot.getBoundingClientRect();
    return scene.pick(event.clientX - box.left, event.clientY - box.top);
  };
  const step = key => {
    const { marks } = scene, n = marks.length, group = marks[at]?.group ?? 0;
    if (key === 'Home') return 0;
    if (key === 'End' || at < 0) return key === 'End' ? n - 1 : 0;
    const move = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (move) return Math.max(0, Math.min(n - 1, at + move));
    const way = key === 'ArrowDown' ? 1 : -1, others = marks.map((m, i) => [m, i]).filter(([m]) => m.group === group + way);
    if (!others.length) return scene.grouped ? at : Math.max(0, Math.min(n - 1, at + way));
    return others.reduce((best, o) => Math.abs(o[0].x - marks[at].x) < Math.abs(best[0].x - marks[at].x) ? o : best)[1];
  };
  const chosen = event => { if (scene && at >= 0) current.onSelect?.(scene.marks[at].row, event); };
  plot.addEventListener('pointermove', e => { if (scene) point(locate(e), false); });
  plot.addEventListener('pointerdown', e => { if (scene) point(locate(e), false); });
  plot.addEventListener('pointerleave', () => { if (scene) point(-1, false); });
  plot.addEventListener('blur', () => { if (scene) point(-1, false); });
  plot.addEventListener('click', chosen);
  plot.addEventListener('keydown', e => {
    if (!scene?.marks.length || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === 'Enter') return chosen(e);
    if (e.key === 'Escape' && at >= 0) { e.stopPropagation(); return point(-1, false); }
    if (!/^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(e.key)) return;
    e.preventDefault();
    e.stopPropagation();
    point(step(e.key), true);
  });
  details.addEventListener('toggle', () => { if (scene) fill(); });
  const watch = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => { if (Math.floor(plot.clientWidth) !== width) render(); });
  });
  watch.observe(plot);
  render();

  return {
    update(changes) { current = { ...current, ...changes }; render(); },
    highlight(id) { held = id ?? null; if (scene && at < 0) emphasise(held); },
    toPNG: () => exportPNG(picture, width, scene, current.label ?? '', getComputedStyle(element)),
    destroy() { scene = undefined; cancelAnimationFrame(frame); watch.disconnect(); root.remove(); },
  };
}

const COPIED = ['paint-order', 'fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'opacity', 'font-family', 'font-size', 'font-weight'];

// The picture with its computed colours as attributes, its title above and its note below, painted at twice the size.
async function exportPNG(picture, width, scene, title, style) {
  const copy = picture.cloneNode(true), from = picture.querySelectorAll('*'), to = copy.querySelectorAll('*');
  from.forEach((e, i) => { const s = getComputedStyle(e); for (const k of COPIED) to[i].setAttribute(k, s.getPropertyValue(k)); });
  copy.querySelector('.rc-over')?.remove();
  const height = scene.height + 52, words = { fill: style.color, 'font-family': style.fontFamily, 'font-size': 12 }, ground = style.getPropertyValue('--surface').trim() || '#fff';
  const all = svg('svg', { width: width + 24, height, viewBox: `-12 -28 ${width + 24} ${height}`, xmlns: 'http://www.w3.org/2000/svg' }, svg('rect', { x: -12, y: -28, width: width + 24, height, fill: ground }),
    svg('text', { ...words, y: -10, 'font-weight': 600 }, fitText(title, width / 7)), svg('text', { ...words, y: scene.height + 16 }, fitText(scene.note ?? '', width / 7)), ...copy.childNodes);
  const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(all)], { type: 'image/svg+xml' }));
  try {
    const image = new Image(), canvas = document.createElement('canvas');
    image.src = url;
    await image.decode();
    canvas.width = 2 * (width + 24);
    canvas.height = 2 * height;
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done, fail) => canvas.toBlob(b => b ? done(b) : fail(new Error('The picture is too large.')), 'image/png'));
  } finally {
    URL.revokeObjectURL(url);
  }
}
