/** A replay in words, for the terminal. */
import { formatInterval, formatNumber } from "../../../core/format.ts";
import type { Interval } from "../../../core/statistics/index.ts";
import type { LiveComparison, SourceReplay } from "./replay-source.ts";

export function describeReplay(replayed: SourceReplay): string {
  const { rule, questionCount, labelledCount, tokens, probeTokens, cost, note, unknownFullCount } = replayed;
  // The full run of a stopped question is unknown as a rule, so what is known of full runs is of the hard questions.
  const isWhole = unknownFullCount === 0;
  const beside = (full: string) => (isWhole ? `; with the full budget ${full}` : "");
  const probes = probeTokens > 0 ? ` and ${formatNumber(probeTokens)} of probes` : "";
  const rows: [name: string, text: string][] = [
    ["questions", `${questionCount}${labelledCount < questionCount ? `, ${labelledCount} with a label` : ""}`],
    ["right", `${share(replayed.accuracy)}${beside(share(replayed.fullAccuracy))}`],
    ["tokens", `${formatNumber(tokens)}${probes}${beside(formatNumber(replayed.fullTokens))}`],
    ["saved", isWhole ? savings(replayed) : "not known: record to the cap, or see the run's own estimate"],
    [
      "false stops",
      `${replayed.falseStops} right with the full budget and wrong when stopped; ${replayed.avoidedOverthinking} the other way round`,
    ],
    ["other answer", `${replayed.changedAnswers} of ${replayed.stoppedEarly} stopped early`],
    [
      "prompt tokens",
      `${formatNumber(cost.promptWithoutCache)}; ${formatNumber(cost.promptWithCache)} where a prefix cache spares what was read before`,
    ],
    [
      "ended",
      Object.entries(replayed.reasons)
        .map(([reason, count]) => `${count} ${reason}`)
        .join(", "),
    ],
  ];
  if (!isWhole) {
    const known = questionCount - unknownFullCount;
    rows.push(["compared", `${known} whose full run is recorded: false stops and other answers are of these alone`]);
  }
  if (replayed.live) rows.push(["live", compared(replayed.live)]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return [rule, "", ...rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`), "", note].join("\n");
}

function savings({ saved, savedBeforeProbes }: SourceReplay): string {
  if (saved === null) return "not known";
  const text = `${percent(saved)} % of generated tokens`;
  return savedBeforeProbes === saved
    ? text
    : `${text}, probes counted as spent (${percent(savedBeforeProbes!)} % if they were free)`;
}

function compared({ programCount, sameCount, different }: LiveComparison): string {
  if (different.length === 0) return `all ${programCount} programs as they ran: units, tokens, answers and reasons`;
  const shown = different.slice(0, 5).join(", ") + (different.length > 5 ? ` and ${different.length - 5} more` : "");
  return `${sameCount} of ${programCount} programs as they ran; not ${shown}`;
}

const percent = (value: number): string => formatNumber(Number((100 * value).toFixed(2)));

const share = (interval: Interval | null): string =>
  interval
    ? `${formatInterval(Number((100 * interval.value).toFixed(2)), [100 * interval.low, 100 * interval.high], "%")}`
    : "not known";
