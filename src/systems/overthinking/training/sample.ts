/**
 * A model's own traces, the raw material of self-training: many answers at temperature 1 to each of many problems.
 * Source: papers/overthinking section 2.6 (10 samples per problem).
 *
 * Problems are answered in chunks, and each finished chunk is a file: a process that was killed loses at most the chunk
 * at hand, and whoever goes on ends with the same samples, because a chunk's random numbers come from its number alone.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../../core/atomic.ts";
import type { CommandContext } from "../../../core/command.ts";
import { readJson } from "../../../core/json.ts";
import { Random } from "../../../core/random.ts";
import { createGenerator, type DecoderModel, type Generator } from "../../../language/generate/index.ts";
import { sumsSampleSet } from "../pairs/sums.ts";
import type { SampleSet } from "../schemas.ts";
import { checkText, type SolvedProblem, solveSums } from "../solve.ts";
import { sumsTokenizer } from "../tokenizer.ts";
import { LEVELS, type Problem, sampleProblems } from "../world/problem.ts";

export interface SampleSettings {
  /** Problems, shared evenly by the levels. */
  problems: number;
  /** Answers to each. */
  samples: number;
  seed: number;
}

export interface SampleContext extends Pick<CommandContext, "progress" | "signal"> {
  /** Where the chunks are kept. */
  dir: string;
}

export interface Samples {
  /** All answers to a problem, in the order of the problems; judged by the world. */
  byProblem: { problem: Problem; solved: SolvedProblem[] }[];
  traceCount: number;
  tokenCount: number;
  /** Of the model that wrote them, over all chunks, wherever they were written. */
  tokensPerSecond: number;
}

/** Large enough that the batch is full nearly all the time, small enough that little is lost. */
const problemsPerChunk = 100;

/** Rows at a time: twice the engine's usual number write 9 % more tokens per second of a processor. */
const rowCount = 128;

/** A generator with room for large batches; whoever opens it disposes of it. */
export const openSampler = (model: DecoderModel): Generator =>
  createGenerator({ model, tokenizer: sumsTokenizer(), maxRows: rowCount });

const Chunk = z.object({ seconds: z.number(), tokenCount: z.int(), texts: z.array(z.array(z.string())) });

/** Fresh problems of the training side of the hash split, levels in turn. */
export function selfTrainingProblems({ problems, seed }: SampleSettings): Problem[] {
  const perLevel = Math.ceil(problems / LEVELS.length);
  const rng = new Random(seed).split("self-training");
  return rng
    .split("order")
    .shuffle(sampleProblems(rng, perLevel, "train"))
    .slice(0, problems);
}

/** @returns null when `signal` stopped it before the end; what is finished stays on the disk */
export async function sampleTraces(
  generator: Generator,
  settings: SampleSettings,
  { dir, progress, signal }: SampleContext,
): Promise<Samples | null> {
  const problems = selfTrainingProblems(settings);
  const chunkCount = Math.ceil(problems.length / problemsPerChunk);
  const fileOf = (index: number) => join(dir, `samples-${String(index).padStart(3, "0")}.json`);
  const total = problems.length * settings.samples;
  const kept = Array.from({ length: chunkCount }, (_, index) => existsSync(fileOf(index))).filter(Boolean).length;
  const start = Math.min(total, kept * problemsPerChunk * settings.samples);
  const bar = progress({ label: "sample traces", total, unit: "traces", start });
  const samples: Samples = { byProblem: [], traceCount: 0, tokenCount: 0, tokensPerSecond: 0 };
  let seconds = 0;
  let done = start;
  for (let index = 0; index < chunkCount; index++) {
    const asked = problems.slice(index * problemsPerChunk, (index + 1) * problemsPerChunk);
    if (!existsSync(fileOf(index))) {
      const { solved, tokenCount, tokensPerSecond } = await solveSums(
        generator,
        asked.flatMap((problem) => Array.from({ length: settings.samples }, () => problem)),
        {
          temperature: 1,
          maxBatch: rowCount,
          seed: `${settings.seed}/self-training samples/${index}`,
          signal,
          onSolved: () => bar.update(++done),
        },
      );
      if (signal.aborted) return null;
      const texts = asked.map((_, at) =>
        solved.slice(at * settings.samples, (at + 1) * settings.samples).map(({ text }) => text),
      );
      const chunk = { seconds: tokenCount / tokensPerSecond, tokenCount, texts };
      await writeFileAtomic(fileOf(index), JSON.stringify(chunk));
    }
    const chunk = await readJson(fileOf(index), Chunk);
    seconds += chunk.seconds;
    samples.tokenCount += chunk.tokenCount;
    for (const [at, texts] of chunk.texts.entries()) {
      const problem = asked[at]!;
      samples.byProblem.push({ problem, solved: texts.map((text) => checkText(problem, text)) });
      samples.traceCount += texts.length;
    }
  }
  samples.tokensPerSecond = samples.tokenCount / seconds;
  bar.stop(`${samples.traceCount} traces, ${Math.round(samples.tokensPerSecond)} tokens/s`);
  return samples;
}

/**
 * What the pair builder takes, without answers that have a fault of form: the shortest of ten right answers is often one
 * that skipped a piece of itself.
 */
export function sampleSets({ byProblem }: Samples): SampleSet[] {
  return byProblem.map(({ problem, solved }) => {
    const wellFormed = solved.filter(({ trace }) => trace.faults.length === 0);
    return sumsSampleSet(problem, wellFormed);
  });
}
