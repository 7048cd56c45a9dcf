/**
 * What a service sustains: the largest rate at which 90 % of the programs meet their deadlines, and how much tighter
 * deadlines may get at one rate. Source: Fu et al. 2024, arXiv 2412.20993, online evaluation ("P90").
 */
import { isInTime, type ProgramOutcome } from "./trace-report.ts";

export interface RatePoint {
  /** Programs a second. */
  rate: number;
  /** Share of the programs that met their deadline. */
  attainment: number;
}

/** Share of programs in time, were deadlines so many times as long; those without a deadline are in time. */
export function attainmentOf(outcomes: readonly ProgramOutcome[], scale = 1): number {
  return outcomes.filter((one) => isInTime(one, scale)).length / outcomes.length;
}

/**
 * The largest rate with so much attainment: between the last point that has it and the next, on a straight line.
 * @param points of several rates
 * @returns 0 when not even the smallest rate has it; the largest measured when all have (`isBeyond`)
 */
export function sustainedRate(points: readonly RatePoint[], target = 0.9): { rate: number; isBeyond: boolean } {
  const sorted = points.toSorted((a, b) => a.rate - b.rate);
  const failing = sorted.findIndex(({ attainment }) => attainment < target);
  if (failing === -1) return { rate: sorted.at(-1)?.rate ?? 0, isBeyond: true };
  if (failing === 0) return { rate: 0, isBeyond: false };
  const [last, next] = [sorted[failing - 1]!, sorted[failing]!];
  const share = (last.attainment - target) / (last.attainment - next.attainment);
  return { rate: last.rate + share * (next.rate - last.rate), isBeyond: false };
}

/**
 * The tightest deadlines that so many programs still meet, as a multiple of those they had. Deadlines only matter to
 * ageing and shedding, so one trace serves every scale.
 */
export function tightestScale(outcomes: readonly ProgramOutcome[], target = 0.9): number {
  const ratios = outcomes
    .map(({ latency, deadline = Number.POSITIVE_INFINITY }) => latency / deadline)
    .sort((a, b) => a - b);
  return ratios[Math.max(0, Math.ceil(target * ratios.length - 1e-9) - 1)] ?? 0;
}

/**
 * Looks for the sustained rate: rises by a factor until the target is missed, then halves the gap a few times.
 * @param measure attainment at a rate
 * @param start a rate that is thought to be well sustained
 */
export async function findSustainedRate(
  measure: (rate: number) => number | Promise<number>,
  {
    start,
    factor = 1.6,
    halvings = 3,
    target = 0.9,
    most = 12,
  }: { start: number; factor?: number; halvings?: number; target?: number; most?: number },
): Promise<{ rate: number; points: RatePoint[] }> {
  const points: RatePoint[] = [];
  const passes = async (rate: number) => {
    const attainment = await measure(rate);
    points.push({ rate, attainment });
    return attainment >= target;
  };
  let [good, bad] = [0, 0];
  let rate = start;
  const rises = await passes(start);
  for (let tries = 1; tries < most; tries++) {
    if (rises) good = rate;
    else bad = rate;
    rate = rises ? rate * factor : rate / factor;
    if ((await passes(rate)) !== rises) break;
  }
  if (rises) bad = rate;
  else good = rate;
  for (let i = 0; i < halvings; i++) {
    const middle = (good + bad) / 2;
    if (await passes(middle)) good = middle;
    else bad = middle;
  }
  return { rate: sustainedRate(points, target).rate, points };
}
