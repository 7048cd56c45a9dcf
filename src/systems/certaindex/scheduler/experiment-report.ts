/** How experiment 4 reads: tables for a terminal, and sections for a page. */
import type { ReportSection } from "../../../core/report.ts";
import type { Interval } from "../../../core/statistics/index.ts";
import type { SchedulingResult } from "./experiment.ts";

/** The tables for people. */
export function describeScheduling({
  table,
  sustained,
  live,
}: Pick<SchedulingResult, "table" | "sustained" | "live">): string {
  const show = ({ value, low, high }: Interval, digits = 1) =>
    `${value.toFixed(digits)} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
  const lines = ["rate  arm      mean latency, s       P90, s                attainment          longest wait, s"];
  for (const { arm, rate, meanLatency, p90, attainment, longestWait } of table)
    lines.push(
      [
        rate.toFixed(1).padEnd(5),
        arm.name.padEnd(8),
        show(meanLatency).padEnd(21),
        show(p90).padEnd(21),
        show(attainment, 2).padEnd(19),
        longestWait.toFixed(0),
      ].join(" "),
    );
  lines.push("", "arm      sustained, programs/s  x fcfs");
  for (const { arm, rate, gain } of sustained)
    lines.push([arm.name.padEnd(8), show(rate, 2).padEnd(22), show(gain, 2)].join(" "));
  if (live.length > 0) lines.push("", "arm      live mean latency, s  P90    attainment  simulated  simulated/live");
  for (const { arm, report, simulated, agreement } of live)
    lines.push(
      [
        arm.name.padEnd(8),
        report.latency.mean.toFixed(2).padEnd(21),
        report.latency.p90.toFixed(2).padEnd(6),
        report.attainment!.toFixed(2).padEnd(11),
        simulated.latency.mean.toFixed(2).padEnd(10),
        agreement.toFixed(2),
      ].join(" "),
    );
  return lines.join("\n");
}

/** The same for the claim's page. */
export function schedulingSections({ table, sustained, live, liveSustained }: SchedulingResult): ReportSection[] {
  const show = ({ value, low, high }: Interval, digits = 1) =>
    `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
  const sections: ReportSection[] = [
    {
      kind: "table",
      title: "Scheduling on the virtual clock",
      note: "40 slots of 50 tokens a second, rounds of 5 branches, at most 20; +C stops with certaindex. Intervals over seeds.",
      columns: [
        "programs/s",
        "order",
        "mean latency, s",
        "P90, s",
        "in time",
        "90 % would meet deadlines of so many times theirs",
      ],
      rows: table.map(({ arm, rate, meanLatency, p90, attainment, tightestScale: scale }) => [
        rate,
        arm.name,
        show(meanLatency),
        show(p90),
        show(attainment, 2),
        show(scale, 2),
      ]),
    },
    {
      kind: "table",
      title: "Sustained rate on the virtual clock: 90 % in time",
      columns: ["order", "programs/s", "times fcfs"],
      rows: sustained.map(({ arm, rate, gain }) => [arm.name, show(rate, 2), show(gain, 2)]),
    },
  ];
  if (live.length === 0) return sections;
  sections.push(
    {
      kind: "table",
      title: "Scheduling on the live engine",
      note: "Each run is simulated afterwards, at the speed that the engine showed in it.",
      columns: [
        "order",
        "programs/s",
        "mean latency, s",
        "P90, s",
        "in time",
        "s/token, P90",
        "longest wait, s",
        "simulated mean, s",
        "simulated/live",
      ],
      rows: live.map(({ arm, rate, report, simulated, agreement }) => [
        arm.name,
        rate.toFixed(2),
        report.latency.mean.toFixed(2),
        report.latency.p90.toFixed(2),
        report.attainment!.toFixed(2),
        report.fairness.p90.toFixed(4),
        report.longestWait.toFixed(2),
        simulated.latency.mean.toFixed(2),
        agreement.toFixed(2),
      ]),
    },
    {
      kind: "chart",
      title: "Deadlines met on the live engine",
      chart: {
        kind: "line",
        x: { label: "programs a second" },
        y: { label: "share in time" },
        series: liveSustained.flatMap(({ seed, fcfs, best }) =>
          [fcfs, best].map(({ arm, runs }) => ({
            label: `${arm.name}, seed ${seed}`,
            points: runs.map(({ rate, report }) => ({ x: rate, y: report.attainment! })),
          })),
        ),
      },
    },
  );
  return sections;
}
