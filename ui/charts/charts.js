// The charts: barChart, scatterChart, parallelChart, lineChart (element, options) → {update(changes), highlight(id), toPNG() → Promise<Blob>, destroy()}.
// Of all: label (words for readers and the PNG), onHover(row | null), onSelect(row, event). A row has id, name, and may have
// href (a link in the table), color (0…, a run keeps its colour everywhere) and note ('failed', said instead of a missing value).
// Colours come from the page: --c0 … --c5, --ink, --ink2, --ink3, --line, --line2, --surface, --bad, --font.
import { distanceToLine, envelope, fitText, formatCount, formatNumber, formatTime, lookOf, makeAxis, nearest, pathOf, smooth, textWidth, toNumber } from './scale.js';
import { label, mount, svg } from './surface.js';

const BOTTOM = 36, TOP = 10;
const empty = (what = 'No values to draw.') => ({ height: 48, nodes: [label(0, 28, what)], marks: [], pick: () => -1, tell: () => [], summary: what, table: { columns: [], rows: [] } });
const hint = row => row.note ?? 'no value';
const hue = row => `rc-c${lookOf(row.color ?? 0).color}`;

// The frame of x and y axes: nodes and the two functions from values to places.
function axes(width, height, x, y, xName, yName) {
  const ticks = y.ticks(4), left = Math.min(width / 3, 14 + 6.2 * Math.max(...ticks.map(t => textWidth(t.text)), 1)), bottom = height - BOTTOM;
  const place = (axis, from, to) => v => { const p = axis.at(v); return p === null ? null : from + p * (to - from); };
  const X = place(x, left, width - 12), Y = place(y, bottom, TOP + (yName ? 12 : 0));
  const below = x.ticks(Math.max(2, Math.floor((width - left) / 70)));
  return { X, Y, left, bottom, nodes: [
    ...ticks.flatMap(t => [svg('line', { class: 'rc-grid', x1: left, x2: width - 8, y1: Y(t.value), y2: Y(t.value) }), label(left - 6, Y(t.value) + 4, t.text, { anchor: 'end', width: left / 6 })]),
    ...below.map(t => label(X(t.value), height - 19, t.text, { anchor: 'middle', width: (width - left) / 6.5 / Math.max(1, below.length) })),
    label(width - 8, height - 4, xName + (x.kind === 'log' ? ' (log)' : ''), { anchor: 'end', width: width / 7 }), yName && label(left, 10, yName + (y.kind === 'log' ? ' (log)' : ''), { width: width / 7 })] };
}

const SHAPES = ['M-4 0A4 4 0 1 0 4 0A4 4 0 1 0 -4 0Z', 'M-3.6 -3.6H3.6V3.6H-3.6Z', 'M0 -4.6L4.4 3.4H-4.4Z', 'M0 -5L4.4 0L0 5L-4.4 0Z', 'M0 4.6L-4.4 -3.4H4.4Z', 'M-1.6 -4.6H1.6V-1.6H4.6V1.6H1.6V4.6H-1.6V1.6H-4.6V-1.6H-1.6Z'];
const shape = (n, x, y) => svg('path', { class: 'rc-fill', d: SHAPES[lookOf(n).shape], transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });

/** Bars. options: rows [{id, name, value}], layout 'auto' | 'rows' | 'columns' (auto: columns from 15 rows on), height of columns, log. */
export const barChart = (element, options) => mount(element, options, (o, width) => {
  const rows = o.rows ?? [], columns = o.layout === 'columns' || (o.layout !== 'rows' && rows.length > 14), value = r => toNumber(r.value);
  if (!rows.length) return empty();
  const shown = rows.slice(0, columns ? Math.max(10, Math.floor((width - 60) / 3)) : 200), axis = makeAxis(shown.map(value), { kind: o.log ? 'log' : 'linear', zero: true, pad: 0.02 });
  const finite = shown.filter(r => Number.isFinite(value(r))), most = finite.length > 1 ? finite.reduce((a, b) => value(b) > value(a) ? b : a) : null, base = axis.kind === 'log' ? 0 : axis.at(0);
  const marks = [], tone = r => r === most ? 'rc-c1' : 'rc-c0', nodes = [];
  let height, band, start;
  if (columns) {
    height = o.height ?? 210;
    const x = makeAxis([0, shown.length], { kind: 'step' }), f = axes(width, height, x, axis, '', ''), zero = f.bottom - base * (f.bottom - TOP);
    start = f.left;
    band = (width - 12 - f.left) / shown.length;
    const ends = f.nodes.filter(n => n && Number(n.getAttribute('y')) !== height - 19);
    nodes.push(...ends, label(f.left, height - 19, shown[0].name, { width: width / 14 }), label(width - 8, height - 19, shown.at(-1).name, { anchor: 'end', width: width / 14 }));
    shown.forEach((r, i) => {
      const px = start + i * band, y = f.Y(value(r)), at = y ?? zero;
      nodes.push(svg('g', { class: `rc-pick ${tone(r)}`, 'data-id': r.id }, y === null ? svg('path', { class: 'rc-bad', d: `M${px + band / 2 - 3} ${zero - 8}l6 6m0 -6l-6 6` })
        : svg('rect', { class: 'rc-bar', x: px + band * 0.1, width: Math.max(1, band * 0.8), y: Math.min(at, zero), height: Math.max(1, Math.abs(at - zero)) })));
      marks.push({ id: r.id, row: r, x: px + band / 2, y: at });
    });
    if (most) { const m = marks[shown.indexOf(most)]; nodes.push(label(m.x, Math.max(9, m.y - 5), formatNumber(most.value), { name: 'rc-val', anchor: m.x > width - 60 ? 'end' : 'middle' })); }
  } else {
    band = 28;
    height = shown.length * band + 4;
    const left = Math.min(width * 0.4, 12 + 6.4 * Math.max(...shown.map(r => textWidth(r.name)))), room = width - left - 66, zero = left + base * room;
    shown.forEach((r, i) => {
      const y = i * band, p = axis.at(value(r)), x = p === null ? zero : left + p * room;
      nodes.push(svg('g', { class: `rc-pick ${tone(r)}`, 'data-id': r.id }, label(0, y + 18, r.name, { name: 'rc-lab', width: left / 6.4 }),
        p !== null && svg('rect', { class: 'rc-bar', x: Math.min(x, zero), width: Math.max(2, Math.abs(x - zero)), y: y + 4, height: 19, rx: 3 }),
        label(Math.max(x, zero) + (p === null ? 0 : 7), y + 18, r.value === undefined || r.value === null ? hint(r) : formatNumber(r.value), { name: p === null ? 'rc-none' : 'rc-val' })));
      marks.push({ id: r.id, row: r, x, y: y + band / 2 });
    });
  }
  return { height, nodes, marks, note: shown.length < rows.length ? formatCount(shown.length, rows.length, 'rows') : '',
    pick: (x, y) => { const i = Math.floor(columns ? (x - start) / band : y / band); return i >= 0 && i < shown.length ? i : -1; },
    tell: ({ row }) => [row.name, toNumber(row.value) === undefined ? hint(row) : formatNumber(row.value) + (row === most ? ', the largest' : '')],
    summary: `${o.label ?? 'Bars'}: ${shown.length} bars` + (most ? `, the largest ${most.name} with ${formatNumber(most.value)}` : '') + (finite.length < shown.length ? `, ${shown.length - finite.length} without a value` : ''),
    table: { columns: ['Run', o.label ?? 'Value'], rows: rows.map(r => ({ row: r, cells: [r.name, toNumber(r.value) === undefined ? hint(r) : formatNumber(r.value)] })) } };
});

/** Points. options: rows [{id, name, x, y}], xName, yName, xLog, yLog, height. A value that is no number makes its axis one of categories. */
export const scatterChart = (element, options) => mount(element, options, (o, width) => {
  const rows = o.rows ?? [], height = o.height ?? 260, of = (k, log) => makeAxis(rows.map(r => r[k]), { kind: log ? 'log' : 'auto', pad: 0.06 });
  if (!rows.length) return empty();
  const f = axes(width, height, of('x', o.xLog), of('y', o.yLog), o.xName ?? 'x', o.yName ?? 'y'), marks = [];
  for (const r of rows) { const x = f.X(r.x), y = f.Y(r.y); if (x !== null && y !== null) marks.push({ id: r.id, row: r, x, y }); }
  marks.sort((a, b) => a.x - b.x);
  const places = marks.map(m => [m.x, m.y]), tell = ({ row }) => [row.name, `${o.xName ?? 'x'} ${formatValue(row.x)}`, `${o.yName ?? 'y'} ${formatValue(row.y)}`];
  return { height, marks, tell, pick: (x, y) => nearest(places, x, y, 30),
    nodes: [...f.nodes, ...marks.map(m => svg('g', { class: `rc-pick ${hue(m.row)}`, 'data-id': m.id }, shape(m.row.color ?? 0, m.x, m.y))),
      ...(marks.length < 8 ? marks.map(m => label(m.x, m.y - 9, m.row.name, { name: 'rc-lab', width: 18, anchor: m.x > width - 90 ? 'end' : 'middle' })) : [])],
    note: marks.length < rows.length ? formatCount(marks.length, rows.length, 'runs') + ' have both values' : '', summary: `${o.label ?? 'Scatter'}: ${marks.length} points, ${o.xName ?? 'x'} against ${o.yName ?? 'y'}`,
    table: { columns: ['Run', o.xName ?? 'x', o.yName ?? 'y'], rows: rows.map(r => ({ row: r, cells: [r.name, formatValue(r.x), formatValue(r.y)] })) } };
});
const formatValue = v => v === null || v === undefined ? '–' : toNumber(v) === undefined ? fitText(v, 60) : formatNumber(v);

/** Parallel coordinates. options: rows [{id, name, values: {key: value}}], axes [{key, name, log}], height. Without a colour of its own a line takes one by its place on the last axis. */
export const parallelChart = (element, options) => mount(element, options, (o, width) => {
  const rows = o.rows ?? [], list = o.axes ?? [], height = o.height ?? 280, top = 34, bottom = height - 30;
  if (!rows.length || !list.length) return empty();
  const places = list.map((a, i) => ({ ...a, x: list.length === 1 ? width / 2 : 16 + i * (width - 76) / (list.length - 1), axis: makeAxis(rows.map(r => r.values[a.key]), { kind: a.log ? 'log' : 'auto' }) }));
  // What has no value goes to the foot of the axis, so that a failed run is seen and is no zero.
  const lines = rows.map(r => places.map(p => { const at = p.axis.at(r.values[p.key]); return [p.x, at === null ? bottom + 14 : bottom - at * (bottom - top)]; }));
  const last = places.at(-1), tone = r => r.color === undefined ? `rc-c${(last.axis.at(r.values[last.key]) ?? 0) > 0.8 ? 1 : 0}` : hue(r), gone = lines.some(l => l.some(p => p[1] > bottom));
  return { height, nodes: [
    ...rows.map((r, i) => svg('path', { class: `rc-pick rc-line ${tone(r)}` + (rows.length > 20 ? ' rc-thin' : '') + (rows.length > 80 ? ' rc-many' : ''), 'data-id': r.id, d: pathOf(lines[i]) })),
    ...places.flatMap((p, i) => {
      const anchor = i === 0 && list.length > 1 ? 'start' : i === list.length - 1 && i > 0 ? 'end' : 'middle', x = anchor === 'start' ? 0 : anchor === 'end' ? width : p.x;
      return [svg('line', { class: 'rc-axis', x1: p.x, x2: p.x, y1: top, y2: bottom }), label(x, 14, p.name ?? p.key, { name: 'rc-lab', anchor, width: (width - 20) / list.length / 6.4 }),
        ...p.axis.ticks(p.axis.kind === 'category' ? 14 : 4).map(t => label(p.x + 6, bottom - t.at * (bottom - top) + 4, t.text, { name: 'rc-halo', width: Math.max(6, width / list.length / 8) })), gone && label(p.x + 6, bottom + 18, 'none', { name: 'rc-halo' })]; })],
    marks: rows.map((r, i) => ({ id: r.id, row: r, x: lines[i].at(-1)[0], y: lines[i].at(-1)[1] })),
    pick: (x, y) => { let best = -1, least = 14; lines.forEach((l, i) => { const d = distanceToLine(l, x, y); if (d < least) { least = d; best = i; } }); return best; },
    tell: ({ row }) => [row.name, ...places.map(p => `${p.name ?? p.key} ${formatValue(row.values[p.key])}`)], summary: `${o.label ?? 'Parallel coordinates'}: ${rows.length} runs over ${places.map(p => p.name ?? p.key).join(', ')}`,
    table: { columns: ['Run', ...places.map(p => p.name ?? p.key)], rows: rows.map(r => ({ row: r, cells: [r.name, ...places.map(p => formatValue(r.values[p.key]))] })) } };
});

/**
 * Lines. options: series [{id, name, color, points: [{step, timestamp, value}], total, start}] as metrics/series answers them
 * (start: the run's start, for relative time), x 'step' | 'relative' | 'wall', yLog, smoothing 0 … 0.99, height, legend (false hides it).
 * A sampled series has a band from the lowest to the highest value of each piece; the note says how many points are drawn.
 */
export const lineChart = (element, options) => mount(element, options, (o, width) => {
  const kind = { relative: 'duration', wall: 'time' }[o.x] ?? 'step', name = { relative: 'time since start', wall: 'time' }[o.x] ?? 'step';
  const series = (o.series ?? []).map((s, i) => {
    const points = kind === 'step' ? s.points : [...s.points].sort((a, b) => a.timestamp - b.timestamp), from = s.start ?? points[0]?.timestamp ?? 0;
    const xs = points.map(p => kind === 'step' ? p.step : kind === 'time' ? p.timestamp : p.timestamp - from), ys = points.map(p => toNumber(p.value) ?? NaN);
    return { ...s, points, xs, ys, look: s.color ?? i, soft: smooth(ys, o.smoothing ?? 0), all: Math.max(s.total ?? 0, points.length) };
  }).filter(s => s.points.length);
  if (!series.length) return empty('No points yet.');
  const plot = o.height ?? 220, x = makeAxis(series.flatMap(s => s.xs), { kind }), y = makeAxis(series.flatMap(s => s.ys), { kind: o.yLog ? 'log' : 'linear', pad: 0.04 }), f = axes(width, plot, x, y, name, '');
  const marks = [], back = [], front = [], keys = o.legend === false || series.length < 2 ? [] : series.slice(0, 24), wide = 170, inRow = Math.max(1, Math.floor(width / wide));
  let odd = 0;
  series.forEach((s, g) => {
    const look = lookOf(s.look), line = s.xs.map((v, i) => { const px = f.X(v), py = f.Y(s.soft[i]); return px === null || py === null ? null : [px, py]; }), tone = `rc-c${look.color}`;
    const dash = ['', '6 3', '2 3'][look.dash] || undefined, stamps = [], bad = [];
    if (s.all > s.points.length || (o.smoothing > 0 && s.points.length > 60)) {
      const e = envelope(s.xs.map((v, i) => [f.X(v), f.Y(s.ys[i]) ?? NaN]), Math.ceil(width / 4), f.left, width - 12), edge = [...e.map(c => [c.x, c.lo]), ...e.reverse().map(c => [c.x, c.hi])];
      back.push(svg('path', { class: `rc-band ${tone}`, 'data-id': s.id, d: pathOf(edge) + 'Z' }));
    } else if (o.smoothing > 0) back.push(svg('path', { class: `rc-line rc-raw ${tone}`, 'data-id': s.id, d: pathOf(s.xs.map((v, i) => { const py = f.Y(s.ys[i]); return py === null ? null : [f.X(v), py]; })) }));
    line.forEach((p, i) => {
      if (p) return marks.push({ id: s.id, key: i, row: s, x: p[0], y: p[1], group: g, point: i });
      odd++;
      if (bad.length < 200 && f.X(s.xs[i]) !== null) bad.push(`M${f.X(s.xs[i]) - 3} ${f.bottom - 3}l6 -6m0 6l-6 -6`);
    });
    const solid = line.filter(Boolean), few = solid.length <= 12;
    for (let k = 0; k < (few ? solid.length : 4); k++) stamps.push(solid[few ? k : Math.floor((k + 0.3 + 0.13 * (g % 6)) / 4 * solid.length)]);
    if (!few) stamps.push(solid.at(-1));
    front.push(svg('g', { class: `rc-pick ${tone}`, 'data-id': s.id }, svg('path', { class: 'rc-line', d: pathOf(line), 'stroke-dasharray': dash }), bad.length > 0 && svg('path', { class: 'rc-bad', d: bad.join('') }),
      ...(series.length > 1 || few ? stamps.map(p => shape(s.look, p[0], p[1])) : [])));
  });
  const legend = keys.map((s, i) => {
    const kx = (i % inRow) * wide, ky = plot + 12 + Math.floor(i / inRow) * 20, look = lookOf(s.look);
    return svg('g', { class: `rc-key rc-pick rc-c${look.color}`, 'data-id': s.id }, svg('line', { class: 'rc-line', x1: kx, x2: kx + 20, y1: ky, y2: ky }), shape(s.look, kx + 10, ky), label(kx + 26, ky + 4, s.name, { name: 'rc-lab', width: 21 }));
  });
  const places = marks.map(m => [m.x, m.y]), height = plot + (keys.length ? Math.ceil(keys.length / inRow) * 20 + 4 : 0), xText = (s, i) => kind === 'step' ? `step ${s.points[i].step}` : x.format(s.xs[i]);
  const shown = series.reduce((n, s) => n + s.points.length, 0), all = series.reduce((n, s) => n + s.all, 0);
  return { height, rule: f.bottom, marks, nodes: [...f.nodes, ...back, ...front, ...legend], grouped: true, pick: (px, py) => py > plot ? -1 : nearest(places, px, py, 60),
    tell: ({ row: s, point: i }) => [s.name, `${formatNumber(s.ys[i])} at ${xText(s, i)}`, ...(o.smoothing > 0 ? [`smoothed ${formatNumber(s.soft[i])}`] : []), ...(kind === 'duration' ? [] : [formatTime(s.points[i].timestamp)])],
    note: formatCount(shown, all) + (all > shown ? ', lowest and highest of each piece kept' : '') + (odd ? `; ${odd} without a place on this scale` : '') + (keys.length && keys.length < series.length ? `; ${series.length - keys.length} more lines` : ''),
    summary: `${o.label ?? 'Lines'} over ${name}: ` + series.slice(0, 5).map(s => `${s.name} from ${formatNumber(s.ys[0])} to ${formatNumber(s.ys.at(-1))}`).join('; ') + (series.length > 5 ? `; ${series.length - 5} more` : ''),
    table: { columns: ['Run', 'First', 'Last', 'Lowest', 'Highest', 'Points'], rows: series.map(s => {
      const fine = s.ys.filter(Number.isFinite), least = fine.reduce((a, b) => Math.min(a, b), Infinity), most = fine.reduce((a, b) => Math.max(a, b), -Infinity);
      return { row: s, cells: [s.name, s.ys[0], s.ys.at(-1), fine.length ? least : undefined, fine.length ? most : undefined].map((v, i) => i ? formatNumber(v) : v).concat(formatCount(s.points.length, s.all)) }; }) } };
});
