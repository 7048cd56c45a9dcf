/**
 * Runs the world's questions to their cap and keeps them as recordings: one sampling serves every arm of an experiment.
 * Each seed has questions of its own, so that the items of all seeds are independent draws.
 */
import { existsSync } from "node:fs";
import type { CommandContext } from "../../../core/command.ts";
import { readJsonLines, writeJsonLines } from "../../../core/jsonl.ts";
import { Random } from "../../../core/random.ts";
import { embeddedEndpoint, type LocalEndpoint } from "../../../language/endpoint.ts";
import { inPool } from "../chains/sample.ts";
import { createProgramRuntime, type Program, toRecording, verdictReward } from "../programs/index.ts";
import { Policy, Recording } from "../schemas.ts";
import { type Question, sampleQuestions } from "../world/question.ts";
import { chainsPrompting, chainsTask, chainsVerdict } from "../world/task.ts";
import { CONTEXT_LENGTH, type Mode, STEP_TOKENS } from "../world/teacher.ts";
import { splitTokens } from "../world/vocabulary.ts";

const modelName = "chains";

export interface Laboratory extends Pick<CommandContext, "progress" | "signal"> {
  endpoint: LocalEndpoint;
  /** Where a file of recordings goes; what is there already is not sampled again. Default: none are kept. */
  path?: (name: string) => string;
}

export const openLaboratory = async ({
  progress,
  signal,
  path,
}: Omit<Laboratory, "endpoint">): Promise<Laboratory> => ({
  endpoint: await embeddedEndpoint(modelName, { maxRows: 192 }),
  progress,
  signal,
  path,
});

export interface RecordOptions {
  /** For the progress bar and the file. */
  label: string;
  program: () => Program<any>;
  questions: readonly Question[];
  mode: Mode;
  /** Units granted at first and at most: search trees take the shape of their grants. */
  detectAt: number;
  cap: number;
  /** Default 0.9: with the validation questions it was between this, which widened the gap from 8 to 20 branches, and 1. */
  temperature?: number;
  settings?: Record<string, unknown>;
  seed: number | string;
  /** Programs at a time; default 16. */
  width?: number;
}

/** @throws the signal's reason when aborted */
export async function record(laboratory: Laboratory, options: RecordOptions): Promise<Recording[]> {
  const file = laboratory.path?.(`recordings/${options.label.replaceAll(/[^a-z0-9]+/gi, "-")}.jsonl`);
  if (file && existsSync(file)) return Array.fromAsync(readJsonLines(file, Recording), endAtContext);
  const recordings = await sample(laboratory, options);
  if (file) await writeJsonLines(file, recordings);
  return recordings.map(endAtContext);
}

/** A chain that has filled the model's context has come to its own end: no policy could let it go on. */
export function endAtContext({ ended, ...recording }: Recording): Recording {
  const { tokens } = recording.steps.at(-1)!;
  const promptTokens = splitTokens(recording.id).length + 3; // the bos, = and mode tokens around the question
  const isFull = promptTokens + tokens > CONTEXT_LENGTH - STEP_TOKENS;
  return { ...recording, ...(ended !== undefined && !isFull && { ended }) };
}

async function sample(laboratory: Laboratory, options: RecordOptions): Promise<Recording[]> {
  const { endpoint, progress, signal } = laboratory;
  const {
    label,
    program,
    questions,
    mode,
    detectAt,
    cap,
    temperature = 0.9,
    settings = {},
    seed,
    width = 16,
  } = options;
  const runtime = createProgramRuntime({
    endpoint,
    prompting: chainsPrompting,
    // Stopped at the detection point and shadowed from there, it is granted the rest at once: as a policy would grant it
    // that does not stop.
    policy: Policy.parse({ algorithm: "even", detectAt, cap }),
    sampling: { maxTokens: CONTEXT_LENGTH, temperature },
    seed,
    reward: verdictReward(chainsVerdict),
    equal: (a, b) => a === b,
    isCorrect: (answer, target) => answer === target,
  });
  const bar = progress({ label, total: questions.length, unit: "questions" });
  const recordings: Recording[] = [];
  let done = 0;
  await inPool(questions.length, width, async (index) => {
    const question = chainsTask(questions[index]!, mode);
    const run = await runtime.run(program(), question, { signal, isShadowed: true });
    const recording = toRecording(run, { question, cap, model: modelName, settings: { temperature, ...settings } });
    if (recording) recordings[index] = recording;
    bar.update(++done);
  });
  bar.stop();
  return recordings.filter((recording) => recording !== undefined);
}

/** Questions of one seed, from one split; `label` keeps experiments apart. */
export function drawQuestions(seed: number, label: string, count: number, draw: (rng: Random) => Question): Question[] {
  return sampleQuestions(new Random(`certaindex claim/${seed}`).split(label), count, draw);
}
