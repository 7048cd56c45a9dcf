/**
 * How far the rules that need no model can be trusted: cuts and clusters against the true ones of the world "Sums", or
 * against those that a file brings (made by hand or by a model).
 * Source: papers/overthinking section 6 ("Measurement audit").
 */
import { Random } from "../../core/random.ts";
import { clusterLocally } from "./cluster/local.ts";
import { collapseRepeats } from "./measure/repeats.ts";
import { alignSolutions } from "./pairs/sample.ts";
import { type BoundaryScore, createBoundaryAudit, createClusterAudit } from "./segment/audit.ts";
import { segmentByRules } from "./segment/rules.ts";
import { isSums, segmentSums } from "./segment/sums.ts";
import { answerOfTrace } from "./traces/final-answer.ts";
import { type ReadTracesOptions, readTraceFile } from "./traces/read.ts";
import { LEVELS, sampleProblem } from "./world/problem.ts";
import { teach } from "./world/teacher.ts";

export type Audit = {
  traceCount: number;
  /** Cuts between solutions. */
  cuts: BoundaryScore;
  /** Of the strategies, over pairs of solutions of a trace; 1 is perfect, 0 is chance. */
  adjustedRand: number;
};

/** Blanks between two solutions belong to either. */
const toleratedCharacters = 3;

/** @param count traces of the overthinking teacher, all levels in turn */
export function auditSums(count = 1000, seed: number | string = 0): Audit {
  const rng = new Random(seed).split("audit");
  const [cuts, clusters] = [createBoundaryAudit(), createClusterAudit()];
  for (let index = 0; index < count; index++) {
    const { solutions } = teach(sampleProblem(rng, LEVELS[index % LEVELS.length]!, "test"), rng);
    const texts = solutions.map(({ tokens }) => tokens.join(""));
    cuts.add(innerEnds(segmentSums(texts.join("")).pieces.map(({ end }) => end)), innerEnds(endsOf(texts)));
    clusters.add<string>(
      clusterLocally(texts),
      solutions.map(({ strategy }) => strategy),
    );
  }
  return { traceCount: count, cuts: cuts.score(), adjustedRand: clusters.adjustedRand() };
}

/** Traces without cuts of their own are left out. @throws DataError when the file cannot be used */
export async function auditFile(file: string, options: ReadTracesOptions = {}): Promise<Audit> {
  const [cuts, clusters] = [createBoundaryAudit(), createClusterAudit()];
  let traceCount = 0;
  for await (const { trace } of collapseRepeats(readTraceFile(file, { unlabelled: true, ...options }))) {
    const { reasoning, problem, solutions } = trace;
    if (!solutions) continue;
    traceCount++;
    const texts = alignSolutions(reasoning, solutions).map(({ text }) => text);
    const { pieces } = isSums(reasoning)
      ? segmentSums(reasoning)
      : segmentByRules(reasoning, { finalAnswer: answerOfTrace(trace) });
    cuts.add(innerEnds(pieces.map(({ end }) => end)), innerEnds(endsOf(texts)), toleratedCharacters);
    const known = solutions.flatMap(({ strategy }, index) => (strategy === null ? [] : [index]));
    const found = clusterLocally(texts, { problem });
    clusters.add(
      known.map((index) => found[index]!),
      known.map((index) => solutions[index]!.strategy!),
    );
  }
  return { traceCount, cuts: cuts.score(), adjustedRand: clusters.adjustedRand() };
}

function endsOf(texts: readonly string[]): number[] {
  let end = 0;
  return texts.map((text) => {
    end += text.length;
    return end;
  });
}

/** The end of the text is no cut. */
const innerEnds = (ends: readonly number[]): number[] => ends.slice(0, -1);
