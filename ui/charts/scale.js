// The arithmetic of the charts: numbers, axes, ticks, smoothing. Pure functions, no DOM, so each can be tested alone.

/** A number of a value as the API writes it ("NaN", "Infinity", "0.1"); undefined when it is none. MLflow stores infinity as the largest double. */
export function toNumber(value) {
  if (typeof value === 'number') return Math.abs(value) === Number.MAX_VALUE ? value * 2 : value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const n = Number(value);
  return Number.isNaN(n) && value !== 'NaN' ? undefined : n;
}

const trim = text => text.replace(/\.?0+(?=e|$)/, '').replace('e+', 'e');

/** A number for reading: at most five figures, whole numbers in full. */
export function formatNumber(value) {
  const v = toNumber(value);
  if (v === undefined) return '–';
  if (Number.isNaN(v)) return 'NaN';
  if (!Number.isFinite(v)) return v > 0 ? '∞' : '−∞';
  const size = Math.abs(v);
  if (size >= 1e9 || (size > 0 && size < 1e-4)) return trim(v.toExponential(3));
  if (Number.isInteger(v)) return v.toLocaleString('en-US');
  return size >= 1e5 ? Math.round(v).toLocaleString('en-US') : size >= 1 ? String(+v.toPrecision(5)) : trim(v.toPrecision(4));
}

const two = n => String(n).padStart(2, '0');

/** A length of time in words: 950 ms, 2.8 s, 3 min 5 s, 2 h 10 min, 3 d 4 h. */
export function formatDuration(ms) {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 0) return '−' + formatDuration(-ms);
  if (ms < 1000) return Math.round(ms) + ' ms';
  if (ms < 60000) return +(ms / 1000).toFixed(1) + ' s';
  const s = Math.round(ms / 1000), m = Math.floor(s / 60), h = Math.floor(m / 60);
  if (h === 0) return m + ' min' + (s % 60 ? ` ${s % 60} s` : '');
  return h < 48 ? h + ' h' + (m % 60 ? ` ${m % 60} min` : '') : Math.floor(h / 24) + ' d' + (h % 24 ? ` ${h % 24} h` : '');
}

/** A moment in the viewer's zone. */
export function formatTime(ms) {
  const d = new Date(ms);
  return Number.isNaN(d.getTime()) ? '–' : `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** "640 of 1,000,000 points": sampling is always stated. */
export const formatCount = (shown, total, noun = 'points') => total > shown
  ? `${shown.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} ${noun}`
  : `${total.toLocaleString('en-US')} ${total === 1 ? noun.replace(/s$/, '') : noun}`;

/** Round positions between two ends, about `count` of them. */
export function linearTicks(lo, hi, count = 5, integer = false) {
  const span = hi - lo;
  if (!(span > 0) || !Number.isFinite(span)) return span > 0 ? [lo, 0, hi] : [lo];
  const raw = span / Math.max(1, count), power = 10 ** Math.floor(Math.log10(raw));
  let step = [1, 2, 5, 10].find(k => k * power >= raw * 0.7) * power;
  if (integer) step = Math.max(1, Math.round(step));
  const first = Math.ceil(lo / step - 1e-9), ticks = [];
  for (let i = 0; i < 100 && (first + i) * step <= hi + step * 1e-9; i++) ticks.push(+((first + i) * step).toPrecision(12));
  return ticks;
}

/** Powers of ten; 1, 2, 5 when there are few decades; linear ticks inside of less than one. */
export function logTicks(lo, hi, count = 5) {
  const a = Math.floor(Math.log10(lo) + 1e-9), b = Math.ceil(Math.log10(hi) - 1e-9), every = Math.max(1, Math.ceil((b - a) / count));
  const inside = v => v >= lo * (1 - 1e-9) && v <= hi * (1 + 1e-9), ticks = [];
  for (let e = a; e <= b; e += every) for (const k of hi / lo < 200 ? [1, 2, 5] : [1]) ticks.push(+`${k}e${e}`);
  const found = ticks.filter(inside);
  return found.length >= 2 ? found : linearTicks(lo, hi, count);
}

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const TIME_STEPS = [1, 10, 100, 500, SECOND, 2 * SECOND, 5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY];

/** Ticks of moments at round local times, as {value, text}. */
export function timeTicks(lo, hi, count = 5) {
  const raw = (hi - lo) / Math.max(1, count), step = TIME_STEPS.find(s => s >= raw) ?? raw, ticks = [];
  const offset = new Date(lo).getTimezoneOffset() * MINUTE;
  for (let t = Math.ceil((lo - offset) / step) * step + offset; t <= hi && ticks.length < 60; t += step) {
    const whole = formatTime(t), [day, clock] = whole.split(' ');
    ticks.push({ value: t, text: step > 7 * DAY ? day : step >= DAY || (step >= MINUTE && clock === '00:00:00') ? day.slice(5) : step >= MINUTE ? clock.slice(0, 5) : step >= SECOND ? clock
      : `${clock}.${String(new Date(t).getMilliseconds()).padStart(3, '0')}` });
  }
  return ticks;
}

/** Ticks of a length of time in one unit, as {value in ms, text}. */
export function durationTicks(lo, hi, count = 5) {
  const span = hi - lo, [unit, name] = span < 2 * SECOND ? [1, 'ms'] : span < 2 * MINUTE ? [SECOND, 's'] : span < 2 * HOUR ? [MINUTE, 'min'] : span < 2 * DAY ? [HOUR, 'h'] : [DAY, 'd'];
  return linearTicks(lo / unit, hi / unit, count).map(v => ({ value: v * unit, text: `${formatNumber(v)} ${name}` }));
}

/**
 * An axis over values: where each one lies (0 to 1), and ticks.
 * kind: 'auto' (linear, or categories when a value is no number), 'log', 'time', 'duration', 'step' (whole numbers).
 * `at` answers null for what has no place: nothing, not finite, not positive on a log axis.
 */
export function makeAxis(values, { kind = 'auto', pad = 0, zero = false } = {}) {
  const given = values.filter(v => v !== null && v !== undefined && v !== '');
  if (kind === 'auto' && given.some(v => toNumber(v) === undefined)) {
    const names = [...new Set(given.map(String))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })), places = new Map(names.map((n, i) => [n, i]));
    const at = v => { const i = places.get(String(v)); return i === undefined ? null : names.length === 1 ? 0.5 : 0.04 + 0.92 * i / (names.length - 1); };
    const ticks = (count = 12) => { const every = Math.ceil(names.length / Math.max(1, count)); return names.filter((_, i) => i % every === 0).map(n => ({ value: n, text: n, at: at(n) })); };
    return { kind: 'category', at, ticks, format: String };
  }
  const usable = kind === 'time' ? v => Math.abs(v) <= 8.64e15 : Number.isFinite;
  const numbers = given.map(toNumber).filter(v => v !== undefined && usable(v));
  const log = kind === 'log' && numbers.some(v => v > 0), to = log ? Math.log10 : v => v;
  let lo = Infinity, hi = -Infinity;
  for (const v of numbers) if (!log || v > 0) { if (v < lo) lo = v; if (v > hi) hi = v; }
  if (lo > hi) [lo, hi] = [0, 1];
  if (zero && !log) { lo = Math.min(lo, 0); hi = Math.max(hi, 0); }
  // Halves, because the difference of two large doubles may be no number.
  let a = to(lo) / 2, b = to(hi) / 2;
  const more = a === b ? Math.abs(a) * 0.05 || 0.25 : 0, room = (b - a) * pad;
  a -= more + (zero && lo === 0 ? 0 : room);
  b += more + (zero && hi === 0 ? 0 : room);
  if (log) { lo = 10 ** (2 * a); hi = 10 ** (2 * b); } else { lo = 2 * a; hi = 2 * b; }
  const at = v => { const n = toNumber(v); return n === undefined || !usable(n) || (log && n <= 0) ? null : (to(n) / 2 - a) / (b - a); };
  const format = kind === 'time' ? formatTime : kind === 'duration' ? formatDuration : formatNumber;
  const ticks = (count = 5) => {
    const found = kind === 'time' ? timeTicks(lo, hi, count) : kind === 'duration' ? durationTicks(lo, hi, count)
      : (log ? logTicks(lo, hi, count) : linearTicks(lo, hi, count, kind === 'step')).map(value => ({ value, text: formatNumber(value) }));
    return found.map(t => ({ ...t, at: at(t.value) })).filter(t => t.at !== null && t.at > -1e-6 && t.at < 1 + 1e-6);
  };
  return { kind: log ? 'log' : kind === 'log' || kind === 'auto' ? 'linear' : kind, lo, hi, at, ticks, format };
}

/** Exponential moving average with the start corrected, so that it neither begins at zero nor lags at first. What is not finite stays and is not averaged in. */
export function smooth(values, weight) {
  if (!(weight > 0)) return values.slice();
  const w = Math.min(weight, 0.999);
  let mean = 0, mass = 0;
  return values.map(v => {
    if (!Number.isFinite(v)) return v;
    mean = w * mean + (1 - w) * v;
    mass = w * mass + (1 - w);
    return mean / mass;
  });
}

/** The lowest and highest y in each of `columns` equal parts of [x0, x1]: [{x, lo, hi}] in order of x. */
export function envelope(points, columns, x0, x1) {
  const found = new Map(), width = (x1 - x0) / columns || 1;
  for (const [x, y] of points) {
    if (!Number.isFinite(y)) continue;
    const k = Math.max(0, Math.min(columns - 1, Math.floor((x - x0) / width))), c = found.get(k);
    if (!c) found.set(k, { x: x0 + (k + 0.5) * width, lo: y, hi: y });
    else { if (y < c.lo) c.lo = y; if (y > c.hi) c.hi = y; }
  }
  return [...found.entries()].sort((p, q) => p[0] - q[0]).map(e => e[1]);
}

/** The look of the n-th series: six colours and six marker shapes, so that no two of the first 36 share both; then dashes. */
export const lookOf = n => ({ color: n % 6, shape: (n + Math.floor(n / 6)) % 6, dash: Math.floor(n / 36) % 3 });

const WIDE = /[\u1100-\u115f\u2e80-\ud7a3\uf900-\ufaff\uff00-\uff60\u{1f000}-\u{3fffd}]/u;
const widthOf = character => WIDE.test(character) ? 1.75 : 1;

/** The width of a text in letters; East Asian characters are wider. */
export const textWidth = text => { let n = 0; for (const c of String(text)) n += widthOf(c); return n; };

/** A text cut to a width in letters, with an ellipsis. */
export function fitText(text, width) {
  const whole = String(text);
  if (textWidth(whole) <= width) return whole;
  let cut = '', used = 1;
  for (const c of whole) { used += widthOf(c); if (used > width) break; cut += c; }
  return cut + '…';
}

/** The index of the point [x, y] nearest to a place, or -1 when none is within `reach`. */
export function nearest(points, x, y, reach = Infinity) {
  let best = -1, least = reach * reach;
  for (let i = 0; i < points.length; i++) {
    const d = (points[i][0] - x) ** 2 + (points[i][1] - y) ** 2;
    if (d <= least) { least = d; best = i; }
  }
  return best;
}

/** The distance of a place to a broken line of [x, y] (null breaks it). */
export function distanceToLine(line, x, y) {
  let least = Infinity;
  for (let i = 1; i < line.length; i++) {
    if (!line[i - 1] || !line[i]) continue;
    const [ax, ay] = line[i - 1], dx = line[i][0] - ax, dy = line[i][1] - ay;
    const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(x - ax - t * dx, y - ay - t * dy));
  }
  return least;
}

/** Path data of a broken line of [x, y]; null begins a new part. */
export function pathOf(line) {
  let out = '', pen = 'M';
  for (const p of line) {
    if (!p) { pen = 'M'; continue; }
    out += pen + p[0].toFixed(1) + ' ' + p[1].toFixed(1);
    pen = 'L';
  }
  return out;
}
