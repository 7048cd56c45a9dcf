/** What a trained model can do, on validation questions: answers by class, re-checks, probes, verdicts. */
import type { CommandContext } from "../../../core/command.ts";
import { Random } from "../../../core/random.ts";
import { createEngine, type DecoderModel, type Engine } from "../../../language/engine/index.ts";
import { chainsTokenizer } from "../tokenizer.ts";
import { parseProbe, parseTrace } from "../world/parse.ts";
import {
  CLASS_WEIGHTS,
  CLASSES,
  type Question,
  type QuestionClass,
  sampleMixed,
  sampleQuestion,
  sampleQuestions,
  trueAnswer,
} from "../world/question.ts";
import { CONTEXT_LENGTH, renderPrompt } from "../world/teacher.ts";
import { BOXED, END_OF_THINKING } from "../world/vocabulary.ts";
import { majority, sampleEach } from "./sample.ts";
import type { ChainsEvaluation, ChainsSettings, ClassFigures } from "./settings.ts";
import { average, share } from "./shares.ts";
import { judgeVerdicts } from "./verdicts.ts";

const branchCount = 20;

/** @returns null when interrupted */
export async function evaluateChains(
  model: DecoderModel,
  { judged, seed }: Pick<ChainsSettings, "judged" | "seed">,
  { progress, signal }: Pick<CommandContext, "progress" | "signal">,
): Promise<Omit<ChainsEvaluation, "settings" | "parameterCount" | "loss"> | null> {
  const engine = await createEngine({ model, tokenizer: chainsTokenizer(), maxRows: 96 });
  const rng = new Random(seed).split("validation");
  const bar = progress({ label: "judge", total: CLASSES.length + 2, unit: "parts" });
  let done = 0;
  try {
    const fast: ClassFigures[] = [];
    for (const one of CLASSES) {
      if (signal.aborted) return null;
      const questions = sampleQuestions(rng.split(one), judged, (stream) =>
        sampleQuestion(stream, { class: one, split: "validation" }),
      );
      fast.push(await judgeFast(engine, one, questions, seed));
      bar.update(++done);
    }
    const clean = sampleQuestions(rng.split("think"), judged, (stream) =>
      sampleQuestion(stream, { class: "clean", split: "validation" }),
    );
    if (signal.aborted) return null;
    const think = await judgeThinking(engine, clean, seed);
    bar.update(++done);
    if (signal.aborted) return null;
    const mixed = sampleQuestions(rng.split("verdicts"), 2 * judged, (stream) => sampleMixed(stream, "validation"));
    const verdict = await judgeVerdicts(engine, { mixed, clean }, rng);
    bar.update(++done);
    const gain = ({ majority20, majority8 }: ClassFigures) => majority20 - majority8;
    const evenGain = 100 * fast.reduce((sum, row) => sum + CLASS_WEIGHTS[row.class as QuestionClass] * gain(row), 0);
    return { fast, evenGain, think, verdict };
  } finally {
    bar.stop();
    await engine.dispose();
  }
}

async function judgeFast(
  engine: Engine,
  name: QuestionClass,
  questions: readonly Question[],
  seed: number,
): Promise<ClassFigures> {
  const prompts = questions.map((question) => renderPrompt(question, "fast"));
  const sampled = await sampleEach(engine, prompts, { n: branchCount, seed: `${seed}/${name}`, maxTokens: 64 });
  const traces = sampled.map((branches) => branches.map(({ text }) => parseTrace(text)));
  const rightShare = (count: number) =>
    share(
      questions.map(
        (question, at) => majority(traces[at]!.slice(0, count).map(({ answer }) => answer)) === trueAnswer(question),
      ),
    );
  return {
    class: name,
    questionCount: questions.length,
    single: share(
      questions.flatMap((question, at) => traces[at]!.map(({ answer }) => answer === trueAnswer(question))),
    ),
    majority8: rightShare(8),
    majority20: rightShare(20),
    unanimous5: share(traces.map((branches) => new Set(branches.slice(0, 5).map(({ answer }) => answer)).size === 1)),
    tokenCount: average(sampled.flat().map(({ tokens }) => tokens.length)),
    malformed: share(traces.flat().map(({ faults }) => faults.length > 0)),
  };
}

async function judgeThinking(engine: Engine, questions: readonly Question[], seed: number) {
  const prompts = questions.map((question) => renderPrompt(question, "think"));
  const sampled = (await sampleEach(engine, prompts, { seed: `${seed}/think`, maxTokens: CONTEXT_LENGTH })).map(
    ([one]) => one!,
  );
  const traces = sampled.map(({ text }) => parseTrace(text));
  // Each question is probed once, after a number of tokens that is a multiple of 8, in the first pass or later.
  const cuts = sampled.map(({ text }, at) => {
    const thought = engine.tokenizer.encode(text.split(END_OF_THINKING)[0]!);
    return thought.slice(0, 8 * (1 + (at % Math.max(1, Math.floor(thought.length / 8)))));
  });
  const probed = await sampleEach(
    engine,
    cuts.map((cut, at) => engine.tokenizer.encode(prompts[at]! + engine.tokenizer.decode(cut) + BOXED)),
    { temperature: 0, maxTokens: 1 },
  );
  const hits = cuts.map(
    (cut, at) => parseProbe(probed[at]![0]!.text) === currentState(engine.tokenizer.decode(cut), questions[at]!),
  );
  return {
    clean: share(traces.map(({ answer }, at) => answer === trueAnswer(questions[at]!))),
    passCount: average(traces.map(({ passes }) => passes.length)),
    tokenCount: average(sampled.map(({ tokens }) => tokens.length)),
    probe: share(hits),
  };
}

/** What a probe should be answered with, by what was written: the state of the first pass, or the last whole pass's. */
function currentState(text: string, { start, operations }: Question): string {
  const whole = parseTrace(text).passes.filter((pass) => pass.length === operations.length);
  const steps = whole.at(-1) ?? parseTrace(text).passes[0]!;
  return String(steps.at(-1)?.state ?? start);
}
