/** The world as programs see it: questions as text, and how this model is asked, probed, cut into steps and judged. */

import type { ProbeSettings } from "../probe/settings.ts";
import type { Question as ProgramQuestion, Prompting } from "../programs/program.ts";
import type { VerdictOptions } from "../programs/reward.ts";
import type { StepSettings } from "../programs/tree.ts";
import { parseTrace } from "./parse.ts";
import { type Question, questionKey, trueAnswer } from "./question.ts";
import { type Mode, renderPrompt, STEP_TOKENS } from "./teacher.ts";
import { BOXED, CHECK, CLOSE, RIGHT, WRONG } from "./vocabulary.ts";

/** `text` is the whole prompt, mode token included: the model is a base model that goes on with it. */
export const chainsTask = (question: Question, mode: Mode): ProgramQuestion => ({
  id: questionKey(question),
  text: renderPrompt(question, mode),
  target: trueAnswer(question),
});

export const chainsPrompting: Prompting = {
  render: ({ text }) => text,
  readAnswer: (text) => parseTrace(text).answer,
};

/** For `verdictReward`. */
export const chainsVerdict: VerdictOptions = { suffix: CHECK, yes: [RIGHT], no: [WRONG] };

/** A probe is the digit and the brace: two tokens. `interval` stands for the 64 tokens of the published presets. */
export const chainsProbe = {
  interval: 8,
  prompt: BOXED,
  close: CLOSE,
  maxProbeTokens: 2,
  hesitations: ["wait"],
  sentence: BOXED,
} satisfies Partial<ProbeSettings>;

/** For tree searches: one operation a step; the answer with its end is as long as a step. */
export const chainsStep: StepSettings = { stepTokens: STEP_TOKENS };
