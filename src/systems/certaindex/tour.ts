/**
 * What the tour shows of certaindex: the embedded model votes on questions it never saw, stopped by the published rule and
 * yet followed to the full budget, so that both ends are of the same samples.
 */
import type { CommandContext } from "../../core/command.ts";
import { Random } from "../../core/random.ts";
import { embeddedEndpoint } from "../../language/endpoint.ts";
import { inPool } from "./chains/sample.ts";
import { type ReplaySummary, summarize } from "./policy/summary.ts";
import { createProgramRuntime, selfConsistency } from "./programs/index.ts";
import type { Policy } from "./schemas.ts";
import { SolvedQuestion } from "./solve/journal.ts";
import { choosePolicy, published } from "./solve/policies.ts";
import { worldModel } from "./solve/setup.ts";
import { asReplayResult } from "./solve/summary.ts";
import {
  CLASSES,
  CONTEXT_LENGTH,
  chainsPrompting,
  chainsTask,
  classOf,
  type QuestionClass,
  sampleMixed,
  sampleQuestions,
} from "./world.ts";

export interface PolicyTrial {
  policy: Policy;
  /** Of all questions. */
  summary: ReplaySummary;
  /** Of each kind of question: those the model is sure of, wavers at, and is wrong for sure at. */
  byClass: { name: QuestionClass; summary: ReplaySummary }[];
}

const programCount = 16; // at a time

/** @throws MissingError without the model; the signal's reason */
export async function tryPolicy({
  questionCount,
  seed,
  progress,
  signal,
}: { questionCount: number; seed: number } & Pick<CommandContext, "progress" | "signal">): Promise<PolicyTrial> {
  const endpoint = await embeddedEndpoint(worldModel, { maxRows: 192 });
  const { policy: rule } = published["self-consistency"];
  const { policy } = await choosePolicy(rule, { program: "self-consistency" });
  const questions = sampleQuestions(new Random(seed).split("tour"), questionCount, (rng) => sampleMixed(rng, "test"));
  const runtime = createProgramRuntime({
    ...{ endpoint, policy, seed, prompting: chainsPrompting },
    sampling: { maxTokens: CONTEXT_LENGTH, temperature: 1 },
    equal: (a, b) => a === b,
    isCorrect: (answer, target) => answer === target,
  });
  const bar = progress({ label: "vote", total: questionCount, unit: "questions" });
  try {
    const solved: SolvedQuestion[] = [];
    let done = 0;
    await inPool(questionCount, programCount, async (index) => {
      const run = await runtime.run(selfConsistency(), chainsTask(questions[index]!, "fast"), {
        signal,
        isShadowed: true,
      });
      solved[index] = SolvedQuestion.parse({ index, isShadowed: true, ...run });
      bar.update(++done);
    });
    const summaryOf = (some: readonly SolvedQuestion[]) => summarize(some.map(asReplayResult));
    const byClass = CLASSES.map((name) => ({
      name,
      summary: summaryOf(solved.filter(({ index }) => classOf(questions[index]!) === name)),
    }));
    return { policy, summary: summaryOf(solved), byClass };
  } finally {
    bar.stop();
    await endpoint.close();
  }
}
