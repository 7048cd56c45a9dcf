/** One metric, of one run or several, over its steps: a line, with a band where a point stands for many values. */
import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatNumber } from "../../../src/core/format.ts";
import type { MetricSeries } from "../../../src/server/studio/runs/contract.ts";
import "./metric-chart.css";

export interface MetricLine {
  label: string;
  points: MetricSeries["points"];
}

interface MetricChartProps {
  title: string;
  note?: string;
  lines: readonly MetricLine[];
}

export default function MetricChart({ title, note, lines }: MetricChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = useMemo(() => align(lines), [lines]);
  const shape = lines.map(({ label }) => label).join("\n");
  const newest = useRef(data);
  newest.current = data;

  // biome-ignore lint/correctness/useExhaustiveDependencies: new values are set below, without drawing everything anew
  useEffect(() => {
    const element = box.current!;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsFor(lines, element.clientWidth), newest.current, element);
    };
    draw();
    const observer = new ResizeObserver(() => plot.current?.setSize(sizeFor(element.clientWidth)));
    observer.observe(element);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    window.addEventListener("themechange", draw);
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", draw);
      window.removeEventListener("themechange", draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(data), [data]);

  const last = lines.length === 1 ? lines[0]!.points.at(-1) : undefined;
  return (
    <figure className="metric-chart panel" data-metric={title} data-last-step={last?.[0]}>
      <figcaption>
        <strong>{title}</strong>
        <span className="soft">
          {last && `${formatNumber(last[1])}`}
          {note && ` · ${note}`}
        </span>
      </figcaption>
      <div ref={box} role="img" aria-label={last ? `${title}: ${formatNumber(last[1])}` : title} />
    </figure>
  );
}

/** All lines over one rising list of steps; per line its value, and the band below and above it. */
function align(lines: readonly MetricLine[]): uPlot.AlignedData {
  const tables = lines.map(({ points }) => {
    const steps = points.map((point) => point[0]);
    return [steps, ...[1, 2, 3].map((column) => points.map((point) => point[column as 1]))] as uPlot.AlignedData;
  });
  if (tables.length === 0) return [[]];
  return tables.length === 1 ? tables[0]! : uPlot.join(tables);
}

const sizeFor = (width: number) => ({ width: Math.max(width, 120), height: 220 });

function optionsFor(lines: readonly MetricLine[], width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const probe = document.createElement("i");
  document.body.append(probe);
  const color = (name: string) => {
    probe.style.color = `var(${name})`; // light-dark() is resolved only in a property that takes colours
    return getComputedStyle(probe).color;
  };
  const [soft, grid] = [color("--soft"), color("--line")];
  const colors = lines.map((_, index) => color(`--c${index % 6}`));
  probe.remove();
  const font = `12px ${style.getPropertyValue("--sans")}`;
  const axis = { stroke: soft, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  return {
    ...sizeFor(width),
    padding: [10, 8, 0, 0],
    cursor: { y: false },
    legend: { show: lines.length > 1 },
    scales: { x: { time: false } },
    axes: [
      { ...axis, size: 32 },
      { ...axis, size: 48, values: (_, ticks) => ticks.map((tick) => formatNumber(tick)) },
    ],
    series: [
      { label: "step" },
      ...lines.flatMap(({ label }, index): uPlot.Series[] => [
        { label, stroke: colors[index]!, width: 1.75, points: { show: false }, spanGaps: true },
        { label: `${label} low`, show: true, width: 0, points: { show: false }, spanGaps: true, class: "bound" },
        { label: `${label} high`, show: true, width: 0, points: { show: false }, spanGaps: true, class: "bound" },
      ]),
    ],
    bands: lines.map((_, index) => ({
      series: [3 * index + 3, 3 * index + 2] as [number, number],
      fill: colors[index]!.replace("rgb(", "rgba(").replace(")", ", 0.18)"),
    })),
  };
}
