/** How well a model's verdicts tell right from wrong: on answers of its own, and on slips that it would not make. */
import type { Random } from "../../../core/random.ts";
import type { Engine } from "../../../language/engine/index.ts";
import { isRightSoFar } from "../world/parse.ts";
import { type Question, trueStates } from "../world/question.ts";
import { renderPrompt } from "../world/teacher.ts";
import { EQUALS, operatorToken } from "../world/vocabulary.ts";
import { reward } from "./reward.ts";
import { inPool, sampleEach } from "./sample.ts";
import type { ChainsEvaluation } from "./settings.ts";
import { average, share } from "./shares.ts";

export async function judgeVerdicts(
  engine: Engine,
  { mixed, clean }: { mixed: readonly Question[]; clean: readonly Question[] },
  rng: Random,
): Promise<ChainsEvaluation["verdict"]> {
  const prompts = mixed.map((question) => renderPrompt(question, "fast"));
  const written = await sampleEach(engine, prompts, { seed: "verdicts", maxTokens: 64 });
  const own = await scores(
    engine,
    mixed.map((question, at) => ({ question, text: written[at]![0]!.text })),
  );
  const prefixes = clean.flatMap((question, at) => {
    const stream = rng.split("slips").split(at);
    return [false, true].map((hasSlip) => ({ question, text: prefixOf(question, hasSlip, stream) }));
  });
  return {
    right: share(own.right.map((score) => score > 0.5)),
    wrong: share(own.wrong.map((score) => score <= 0.5)),
    auc: auc(own),
    slipAuc: auc(await scores(engine, prefixes)),
  };
}

interface Scores {
  right: number[];
  wrong: number[];
}

async function scores(engine: Engine, texts: readonly { question: Question; text: string }[]): Promise<Scores> {
  const found: Scores = { right: [], wrong: [] };
  await inPool(texts.length, 96, async (index) => {
    const { question, text } = texts[index]!;
    const score = await reward(engine, renderPrompt(question, "fast") + text);
    found[isRightSoFar(question, text) ? "right" : "wrong"].push(score);
  });
  return found;
}

/** Some steps of a chain, right or from some step on wrong. */
function prefixOf(question: Question, hasSlip: boolean, rng: Random): string {
  const states = trueStates(question);
  const length = rng.int(1, states.length);
  if (hasSlip) {
    const at = rng.int(0, length - 1);
    states[at] = (states[at]! + rng.int(1, 9)) % 10;
    const rest = trueStates({ start: states[at], operations: question.operations.slice(at + 1) });
    for (const [offset, state] of rest.entries()) states[at + 1 + offset] = state;
  }
  const steps = question.operations.slice(0, length);
  return steps.map(({ operator, digit }, at) => operatorToken(at + 1, operator) + digit + EQUALS + states[at]).join("");
}

/** The chance that a right one scores higher than a wrong one; even where there are none of one kind. */
function auc({ right, wrong }: Scores): number {
  if (right.length === 0 || wrong.length === 0) return 0.5;
  return average(right.map((good) => average(wrong.map((bad) => (good > bad ? 1 : good === bad ? 0.5 : 0)))));
}
