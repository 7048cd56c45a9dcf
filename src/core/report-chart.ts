/**
 * Charts as SVG, drawn when the report is written: no script, sharp at every size, printable.
 * Each is drawn twice, for wide and for narrow screens, since text that shrinks with the picture cannot be read.
 */
import { formatInterval, formatNumber } from "./format.ts";
import { type Html, html } from "./html.ts";
import type { BarChart, Point, XyChart } from "./report.ts";

const sizes = [
  { name: "wide", width: 800 },
  { name: "narrow", width: 340 },
] as const;
const colorCount = 6; // --c0 to --c5 of the style sheet
/** More points than pixels show nothing more. */
const maxLinePoints = 400;

/** A figure with its legend. */
export function renderChart(chart: XyChart | BarChart): Html {
  const draw = (width: number) => (chart.kind === "bar" ? drawBars(chart, width) : drawXy(chart, width));
  const legend = html`<ul class="legend">${chart.series.map(
    ({ label }, i) => html`<li><i style="background:${color(i)}"></i>${label}</li>`,
  )}</ul>`;
  return html`<figure>${chart.series.length > 1 && legend}${sizes.map(
    ({ name, width }) => html`<div class="${name}">${draw(width)}</div>`,
  )}</figure>`;
}

function drawXy({ kind, x, y, series }: XyChart, width: number): Html {
  const usable = ({ x: px, y: py }: Point) =>
    Number.isFinite(px) && Number.isFinite(py) && (x.scale !== "log" || px > 0) && (y.scale !== "log" || py > 0);
  const drawn = series.map(({ label, points }) => ({ label, points: points.filter(usable) }));
  const all = drawn.flatMap(({ points }) => points);
  if (all.length === 0) return html`<p class="note">No data.</p>`;
  const height = width > 500 ? 340 : 260;
  const top = 30;
  const bottom = height - 44;
  const yScale = createScale(
    all.flatMap((point) => [point.y, ...(point.interval ?? [])]),
    y.scale,
    [bottom, top],
    5,
  );
  const left = 12 + Math.max(...yScale.ticks.map(({ label }) => label.length)) * 7;
  const right = width - 14;
  const xScale = createScale(
    all.map((point) => point.x),
    x.scale,
    [left, right],
    width > 500 ? 7 : 4,
  );
  return svg(width, height, `${y.label} over ${x.label}`, [
    html`<text x="0" y="12">${y.label}</text>`,
    yScale.ticks.map(
      ({ at, label }) => html`<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/>
<text x="${left - 8}" y="${at + 4}" text-anchor="end">${label}</text>`,
    ),
    xScale.ticks.map(({ at, label }) => html`<text x="${at}" y="${bottom + 18}" text-anchor="middle">${label}</text>`),
    html`<text x="${right}" y="${height - 6}" text-anchor="end">${x.label}</text>`,
    drawn.map(({ label, points }, i) => {
      const place = (point: Point) => ({
        ...point,
        left: xScale.place(point.x),
        top: yScale.place(point.y),
        ends: point.interval?.map(yScale.place) as [number, number] | undefined,
      });
      return kind === "line"
        ? drawLine(points.map(place), label, color(i))
        : drawPoints(points.map(place), label, color(i), width);
    }),
  ]);
}

type Placed = Point & { left: number; top: number; ends: [number, number] | undefined };

function drawLine(points: Placed[], label: string, stroke: string): Html {
  const line = thin(points.toSorted((a, b) => a.left - b.left));
  const path = (ends: { left: number; top: number }[]) =>
    ends.map(({ left, top }) => `${round(left)},${round(top)}`).join(" ");
  const banded = line.filter((point) => point.ends);
  const band = [
    ...banded.map(({ left, ends }) => ({ left, top: ends![1] })),
    ...banded.map(({ left, ends }) => ({ left, top: ends![0] })).reverse(),
  ];
  return html`${banded.length > 1 && html`<polygon points="${path(band)}" fill="${stroke}" opacity="0.16"/>`}
<polyline points="${path(line)}" fill="none" stroke="${stroke}" stroke-width="2" stroke-linejoin="round"><title>${label}</title></polyline>
${line.length <= 40 && line.map((point) => dot(point, label, stroke, 3))}`;
}

function drawPoints(points: Placed[], label: string, fill: string, width: number): Html {
  const name = ({ left, top, label: text = "" }: Placed) => {
    const atEnd = left > width * 0.8; // beside the point, where it does not run out of the picture
    return html`<text class="strong" x="${round(left + (atEnd ? -9 : 9))}" y="${round(top + 4)}" text-anchor="${atEnd ? "end" : "start"}">${text}</text>`;
  };
  return html`${points.map(
    (point) =>
      html`${
        point.ends &&
        html`<line x1="${round(point.left)}" x2="${round(point.left)}" y1="${round(point.ends[0])}" y2="${round(point.ends[1])}" stroke="${fill}" stroke-width="1.5"/>`
      }${dot(point, label, fill, 4)}${point.label !== undefined && name(point)}`,
  )}`;
}

function dot({ left, top, x, y, interval }: Placed, label: string, fill: string, radius: number): Html {
  return html`<circle cx="${round(left)}" cy="${round(top)}" r="${radius}" fill="${fill}"><title>${label}: ${formatInterval(y, interval)} at ${formatNumber(x)}</title></circle>`;
}

/** Bars lie on their side: names of any length can be read, on a telephone too. */
function drawBars({ x, y, categories, series }: BarChart, width: number): Html {
  const values = series.flatMap(({ values, intervals = [] }) => [
    ...values,
    ...intervals.flatMap((ends) => ends ?? []),
  ]);
  const finite = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (finite.length === 0) return html`<p class="note">No data.</p>`;
  const bar = series.length > 2 ? 12 : 16;
  const group = 22 + series.length * (bar + 3) + 10; // name above its bars
  const top = 4;
  const bottom = top + categories.length * group;
  const scale = createScale([0, ...finite], "linear", [2, width - 78], width > 500 ? 7 : 4);
  const zero = scale.place(0);
  return svg(width, bottom + 42, `${y.label} by ${x.label}`, [
    scale.ticks.map(
      ({ at, label }) => html`<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}"/>
<text x="${at}" y="${bottom + 16}" text-anchor="middle">${label}</text>`,
    ),
    html`<line class="zero" x1="${zero}" x2="${zero}" y1="${top}" y2="${bottom}"/>`,
    html`<text x="${width}" y="${bottom + 36}" text-anchor="end">${y.label}</text>`,
    html`<text x="0" y="${bottom + 36}">${x.label}</text>`,
    categories.map((category, i) => [
      html`<text class="strong" x="0" y="${top + i * group + 15}">${category}</text>`,
      series.map(({ label, values, intervals }, j) => {
        const value = values[i] ?? null;
        if (value === null || !Number.isFinite(value)) return null;
        const at = top + i * group + 22 + j * (bar + 3);
        const [from, to] = [Math.min(zero, scale.place(value)), Math.max(zero, scale.place(value))];
        const ends = intervals?.[i];
        const [low, high] = ends ? ends.map(scale.place) : [];
        return html`<rect x="${round(from)}" y="${at}" width="${round(Math.max(1, to - from))}" height="${bar}" rx="2" fill="${color(j)}" opacity="0.85"><title>${category}, ${label}: ${formatInterval(value, ends)}</title></rect>
${ends && html`<line x1="${round(low!)}" x2="${round(high!)}" y1="${at + bar / 2}" y2="${at + bar / 2}" stroke="var(--ink)" stroke-width="1.5"/>`}
<text x="${round(Math.max(to, high ?? 0) + 6)}" y="${at + bar / 2 + 4}">${formatNumber(value)}</text>`;
      }),
    ]),
  ]);
}

interface Scale {
  place(value: number): number;
  ticks: { at: number; label: string }[];
}

/** Maps data to pixels; the ends are round numbers that enclose all values. */
function createScale(
  values: number[],
  kind: "linear" | "log" = "linear",
  [start, end]: [number, number],
  count: number,
): Scale {
  const log = kind === "log";
  const usable = values
    .filter((value) => Number.isFinite(value) && (!log || value > 0))
    .map((value) => (log ? Math.log10(value) : value));
  let low = usable.reduce((a, b) => Math.min(a, b));
  let high = usable.reduce((a, b) => Math.max(a, b));
  if (low === high)
    [low, high] = log ? [low - 1, high + 1] : low === 0 ? [0, 1] : [low - Math.abs(low) / 2, high + Math.abs(high) / 2];
  const step = log ? Math.max(1, Math.ceil((high - low) / count)) : niceStep((high - low) / count);
  low = Math.floor(low / step + 1e-9) * step;
  high = Math.ceil(high / step - 1e-9) * step;
  const place = (value: number) => {
    const position = log ? Math.log10(Math.max(value, 10 ** low)) : value;
    return start + ((end - start) * (position - low)) / (high - low);
  };
  const ticks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, i) => {
    const value = log ? 10 ** (low + i * step) : Number((low + i * step).toPrecision(12));
    return { at: round(place(value)), label: formatTick(value) };
  });
  return { place, ticks };
}

/** 1, 2 or 5 times a power of ten, at least `step`. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5].find((factor) => factor * power >= step * 0.999) ?? 10);
}

function formatTick(value: number): string {
  const size = Math.abs(value);
  const [divisor, suffix] = size >= 1e9 ? [1e9, "G"] : size >= 1e6 ? [1e6, "M"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
  return formatNumber(Number((value / divisor).toPrecision(6))) + suffix;
}

/** Keeps the lowest and the highest point of each stretch, so that spikes survive. */
function thin(points: Placed[]): Placed[] {
  if (points.length <= maxLinePoints) return points;
  const stretch = Math.ceil((2 * points.length) / maxLinePoints);
  const kept: Placed[] = [];
  for (let i = 0; i < points.length; i += stretch) {
    const part = points.slice(i, i + stretch);
    const low = part.reduce((a, b) => (b.y < a.y ? b : a));
    const high = part.reduce((a, b) => (b.y > a.y ? b : a));
    kept.push(...(low === high ? [low] : low.left < high.left ? [low, high] : [high, low]));
  }
  return kept;
}

/** @param name what a screen reader says of it */
function svg(width: number, height: number, name: string, content: Parameters<typeof html>[1]): Html {
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${name}">${content}</svg>`;
}

function color(index: number): string {
  return `var(--c${index % colorCount})`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
