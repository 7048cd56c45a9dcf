/**
 * The rows of the claim, each with what would bear it out. A row's figure is computed for each seed; its interval is
 * Student's over the seeds, so that one lucky seed cannot carry it.
 * Published figures: papers/lightningdit section 3 (Yao et al. 2025, tables of the 50-epoch tokenizers, ImageNet 256).
 */
import type { ClaimRow } from "../../../core/claim.ts";
import { type Interval, mean, standardDeviation, studentQuantile } from "../../../core/statistics/index.ts";
import { type Arm, type FrontierMode, judgedGeneration, lastGeneration, type Measurement } from "../frontier/index.ts";

export type UnjudgedRow = Omit<ClaimRow, "verdict" | "reason">;

/** Mean and its 95 % interval over seeds; endless for a single one. */
export function overSeeds(values: readonly number[]): Interval {
  const value = mean(values);
  const reach =
    values.length < 2
      ? Number.POSITIVE_INFINITY
      : (studentQuantile(0.975, values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length);
  return { value, low: value - reach, high: value + reach, level: 0.95 };
}

/** Share of `before` that is gone in `after`, in percent. */
const cut = (before: number, after: number) => 100 * (1 - after / before);
const fid = (measured: Measurement) => judgedGeneration(measured).fid;
const agreementOf = ({ classAgreement = Number.NaN }: { classAgreement?: number | undefined }) => 100 * classAgreement;
const agreement = (measured: Measurement) => agreementOf(judgedGeneration(measured));

/** @param mode the last row is judged in the full profile alone: minutes do not train a generator to the end */
export function claimRows(measurements: readonly Measurement[], mode: FrontierMode): UnjudgedRow[] {
  const seeds = [...new Set(measurements.map(({ seed }) => seed))];
  const widths = measurements.map(({ d }) => d);
  const [narrow, wide] = [Math.min(...widths), Math.max(...widths)];
  const at = (seed: number, d: number, arm: Arm) =>
    measurements.find((one) => one.seed === seed && one.d === d && one.arm === arm);
  /** A figure of two points of one seed, for each seed that has both. */
  const compare = (a: [number, Arm], b: [number, Arm], figure: (first: Measurement, second: Measurement) => number) => {
    const values = seeds.flatMap((seed) => {
      const [first, second] = [at(seed, ...a), at(seed, ...b)];
      return first && second ? [figure(first, second)] : [];
    });
    return values.length > 0 ? overSeeds(values) : undefined;
  };
  const [thin, plain]: [[number, Arm], [number, Arm]] = [
    [narrow, "unaligned"],
    [wide, "unaligned"],
  ];
  const [aligned, wrong]: [[number, Arm], [number, Arm]] = [
    [wide, "aligned"],
    [wide, "wrong"],
  ];
  const rows: (UnjudgedRow | undefined)[] = [
    row("T1", `more channels reconstruct better: PSNR at d${wide} minus d${narrow}`, "4.9 (d64 − d16)", "dB", {
      measured: compare(plain, thin, (a, b) => a.reconstruction.psnr - b.reconstruction.psnr),
      wanted: { atLeast: 0 },
    }),
    row("T2", `and generate worse when unaligned: gFID at d${wide} above d${narrow}`, "39 (d32 over d16)", "%", {
      measured: compare(plain, thin, (a, b) => -cut(fid(b), fid(a))),
      wanted: { atLeast: 0 },
    }),
    row("A1", `alignment lowers gFID at d${wide}`, 30, "%", {
      measured: compare(plain, aligned, (a, b) => cut(fid(a), fid(b))),
      wanted: { atLeast: 20 },
      control: {
        label: "aligned to another picture's features",
        measured: compare(plain, wrong, (a, b) => cut(fid(a), fid(b))),
      },
    }),
    row("A2", "and lowers it below the control's", null, "%", {
      measured: compare(wrong, aligned, (a, b) => cut(fid(a), fid(b))),
      wanted: { atLeast: 20 },
    }),
    row("A3", "samples show their class more often", null, "points", {
      measured: compare(aligned, plain, (a, b) => agreement(a) - agreement(b)),
      wanted: { atLeast: 1 },
      control: {
        label: "aligned to another picture's features",
        measured: compare(wrong, plain, (a, b) => agreement(a) - agreement(b)),
      },
    }),
    row("A4", "at a small cost in reconstruction: PSNR unaligned minus aligned", 0.63, "dB", {
      measured: compare(plain, aligned, (a, b) => a.reconstruction.psnr - b.reconstruction.psnr),
      wanted: { atMost: 1 },
    }),
    row("S1", "generation is learned faster: steps of the unaligned run over those to its gFID", "2.5 to 2.8", "×", {
      measured: compare(plain, aligned, speedUp),
      wanted: { atLeast: 1.5 },
    }),
    ...(mode === "full" ? lateRows(compare, { plain, aligned }) : []),
    row("Q1", "with guidance, aligned samples' class agreement beside that of real pictures", null, "%", {
      measured: compare(
        aligned,
        aligned,
        ({ guided, reconstruction }) =>
          (100 * (guided.classAgreement ?? Number.NaN)) / (reconstruction.classAgreementReal ?? Number.NaN),
      ),
      ...(mode === "full" && { wanted: { atLeast: 70 } }),
    }),
  ];
  return rows.filter((one) => one !== undefined);
}

/** How many times fewer steps the aligned run needs for the gFID at which the unaligned one is judged; between budgets by straight lines. */
export function speedUp(unaligned: Measurement, aligned: Measurement): number {
  const { judgedAt } = unaligned;
  const target = fid(unaligned);
  const curve = aligned.generation.map(({ step, evaluation }) => ({ step, fid: evaluation.fid }));
  const reached = curve.findIndex((point) => point.fid <= target);
  if (reached === -1) return target / curve.at(-1)!.fid; // below 1: it never got there
  if (reached === 0) return judgedAt / curve[0]!.step; // at the first budget already: at least so much
  const [before, after] = [curve[reached - 1]!, curve[reached]!];
  const share = (before.fid - target) / (before.fid - after.fid);
  return judgedAt / (before.step + share * (after.step - before.step));
}

type Place = [d: number, arm: Arm];
type Compare = (a: Place, b: Place, figure: (a: Measurement, b: Measurement) => number) => Interval | undefined;

/** What is left when generators train on: shown, not judged. */
function lateRows(compare: Compare, { plain, aligned }: { plain: Place; aligned: Place }): (UnjudgedRow | undefined)[] {
  return [
    row("L1", "what is left of A1 after twice as many steps", null, "%", {
      measured: compare(plain, aligned, (a, b) => cut(lastGeneration(a).fid, lastGeneration(b).fid)),
    }),
    row("L2", "what is left of A3", null, "points", {
      measured: compare(aligned, plain, (a, b) => agreementOf(lastGeneration(a)) - agreementOf(lastGeneration(b))),
    }),
  ];
}

interface RowValues {
  measured: Interval | undefined;
  wanted?: ClaimRow["wanted"];
  control?: { label: string; measured: Interval | undefined };
}

function row(
  id: string,
  claim: string,
  published: number | string | null,
  unit: string,
  { measured, wanted, control }: RowValues,
): UnjudgedRow | undefined {
  if (!measured) return undefined; // its points are not part of this plan
  return {
    id,
    claim,
    published,
    unit,
    measured,
    ...(wanted && { wanted }),
    ...(control?.measured && { control: { label: control.label, measured: control.measured } }),
  };
}
