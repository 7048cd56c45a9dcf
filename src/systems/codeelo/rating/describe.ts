/** Ratings, comparisons and simulations in words, tables and charts. */
import { formatInterval, formatNumber } from "../../../core/format.ts";
import type { Report } from "../../../core/report.ts";
import type { Interval } from "../../../core/statistics/index.ts";
import type { Comparison } from "./compare.ts";
import type { Rating } from "./rate.ts";
import type { Simulation } from "./simulate.ts";

const whole = ({ value, low, high }: Interval) =>
  formatInterval(Math.round(value), [Math.round(low), Math.round(high)]);
const percent = (share: number) => `${formatNumber(Math.round(1000 * share) / 10)} %`;

/** How much the published protocol adds, from `polymath codeelo simulate`; said beside every rating made under it. */
const protocolWarning =
  "Made with all attempts at minute 0, as in the paper: in simulated contests that adds some 300 points to what a person" +
  " of the same skill would get (`polymath codeelo simulate`).";

/** For a terminal. */
export function describeRating(rating: Rating): string {
  const { mean, likelihood, repo, contests, skipped, censoredShare, protocol, timed } = rating;
  const lines = [
    `Rating ${whole(mean)}: better than ${rating.percentile} % of rated people`,
    `  maximum likelihood   ${whole(likelihood)}`,
    `  the published code   ${Math.round(repo)}, better than ${rating.repoPercentile} %`,
    `  any order of attempts ${Math.round(rating.overOrders)}`,
    ...(timed ? [`  with solution times  ${whole(timed)}`] : []),
    `  ${contests.length} contests, ${percent(censoredShare)} of them won or lost against everybody`,
  ];
  for (const { id, name, why } of skipped) lines.push(`  skipped ${id} ${name}: ${why}`);
  if (protocol.scoring === "minute-0" && protocol.attempts > 1) lines.push("", protocolWarning);
  return lines.join("\n");
}

export function ratingReport(rating: Rating): Report {
  const { contests, protocol } = rating;
  return {
    title: `Rating ${Math.round(rating.mean.value)}`,
    summary: `${whole(rating.mean)} (95 %), better than ${rating.percentile} % of rated people, over ${contests.length} contests.`,
    sections: [
      ...(protocol.scoring === "minute-0" && protocol.attempts > 1
        ? [{ kind: "text" as const, text: protocolWarning }]
        : []),
      {
        kind: "table",
        title: "Figures",
        columns: ["", "rating", "percentile"],
        rows: [
          ["mean of contests, fair equation", whole(rating.mean), `${rating.percentile}`],
          ["maximum likelihood", whole(rating.likelihood), ""],
          ["the published code", `${Math.round(rating.repo)}`, `${rating.repoPercentile}`],
          ["over all orders of the attempts", `${Math.round(rating.overOrders)}`, ""],
          ...(rating.timed ? [["with solution times", whole(rating.timed), ""]] : []),
        ],
      },
      {
        kind: "chart",
        title: "Contest by contest",
        chart: {
          kind: "bar",
          x: { label: "contest" },
          y: { label: "rating" },
          categories: contests.map(({ id }) => id),
          series: [{ label: "rating", values: contests.map((contest) => Math.round(contest.rating)) }],
        },
      },
      {
        kind: "table",
        title: "Contests",
        columns: ["contest", "solved", "points", "ahead of it", "of", "rating", "published code", "over orders"],
        rows: contests.map((contest) => [
          `${contest.id} ${contest.name}`,
          `${contest.solved}/${contest.problems}`,
          contest.penalty > 0 ? `${contest.points} (${contest.penalty} min)` : formatNumber(contest.points),
          `${contest.ahead}${contest.tied > 0 ? ` (+${contest.tied} equal)` : ""}`,
          `${contest.participants}`,
          `${Math.round(contest.rating)}${contest.censored === "top" ? " or more" : contest.censored ? " or less" : ""}`,
          `${contest.repoRating}`,
          `${Math.round(contest.overOrders.rating)} ± ${Math.round(contest.overOrders.deviation)}`,
        ]),
      },
      ...(rating.skipped.length > 0
        ? [
            {
              kind: "table" as const,
              title: "Skipped",
              columns: ["contest", "why"],
              rows: rating.skipped.map(({ id, name, why }) => [`${id} ${name}`, why]),
            },
          ]
        : []),
    ],
    provenance: Object.fromEntries(
      Object.entries(protocol).map(([field, value]) => [
        field,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
  };
}

export function describeComparison({ difference, contestCount }: Comparison): string {
  const { low, high } = difference;
  const verdict = low > 0 ? "the second is better" : high < 0 ? "the first is better" : "no difference shown";
  return `Second minus first: ${whole(difference)} over ${contestCount} contests: ${verdict}`;
}

export function describeSimulation({ biases, spread, coverage }: Simulation): string {
  const lines = ["rules                 bias (95 %)            one contest ±  won or lost against all"];
  for (const { rules, bias, contestDeviation, censoredShare } of biases) {
    const cells = [rules.padEnd(22), whole(bias).padEnd(23), String(Math.round(contestDeviation)).padEnd(15)];
    lines.push(`${cells.join("")}${percent(censoredShare)}`);
  }
  lines.push("", "after contests   mean of contests ±   sequence of updates ±   (its bias)");
  for (const { contestCount, averaged, sequential, sequentialBias } of spread) {
    const cells = [String(contestCount).padEnd(17), String(Math.round(averaged)).padEnd(21)];
    lines.push(`${cells.join("")}${String(Math.round(sequential)).padEnd(24)}(${Math.round(sequentialBias)})`);
  }
  const { covered, count } = coverage;
  lines.push("", `${covered} of ${count} intervals of 95 % hold the truth (bots under people's rules)`);
  return lines.join("\n");
}

export function simulationReport(simulation: Simulation): Report {
  const { biases, spread, coverage } = simulation;
  return {
    title: "Ratings against known skill",
    summary: `Under people's rules the bias is ${whole(biases[0]!.bias)}, under the published protocol ${whole(biases.at(-1)!.bias)}.`,
    sections: [
      {
        kind: "chart",
        title: "What the rules add to a rating",
        chart: {
          kind: "bar",
          x: { label: "rules" },
          y: { label: "points above the truth" },
          categories: biases.map(({ rules }) => rules),
          series: [
            { label: "mean of contests", values: biases.map(({ bias }) => Math.round(bias.value)) },
            {
              label: "maximum likelihood",
              values: biases.map(({ likelihoodBias }) => Math.round(likelihoodBias.value)),
            },
          ],
        },
      },
      {
        kind: "chart",
        title: "How much an estimate varies",
        chart: {
          kind: "line",
          x: { label: "contests" },
          y: { label: "standard deviation" },
          series: [
            {
              label: "mean of independent contests",
              points: spread.map((one) => ({ x: one.contestCount, y: one.averaged })),
            },
            { label: "sequence of updates", points: spread.map((one) => ({ x: one.contestCount, y: one.sequential })) },
          ],
        },
      },
      {
        kind: "table",
        title: "Bias",
        columns: ["rules", "mean of contests", "maximum likelihood", "one contest ±"],
        rows: biases.map((one) => [
          one.rules,
          whole(one.bias),
          whole(one.likelihoodBias),
          `${Math.round(one.contestDeviation)}`,
        ]),
        note: `${coverage.covered} of ${coverage.count} intervals of 95 % hold the truth, for bots under people's rules.`,
      },
    ],
  };
}
