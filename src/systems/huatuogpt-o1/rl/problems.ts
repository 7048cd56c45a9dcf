/**
 * Problems as prompts: what the policy reads, and what its answer is judged by. A prompt that leaves no room for an answer
 * is left out and counted; the authors' code cuts it at 1,000 tokens, and with it the question.
 */
import { DataError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import { readRows } from "../../../core/rows.ts";
import type { PolicyPrompt } from "../../../language/train/index.ts";
import { answerField, questionField, VerifiableRow } from "../schemas.ts";
import { checkSftModel, type SftModel } from "../sft/examples.ts";

export interface RlProblem {
  question: string;
  /** What the verifier compares with. */
  reference: string;
}

/** Rows of the RL set. @throws DataError naming file, row and field */
export async function readProblems(file: string, limit = Number.POSITIVE_INFINITY): Promise<RlProblem[]> {
  const problems: RlProblem[] = [];
  for await (const row of readRows(file, VerifiableRow)) {
    if (problems.length >= limit) break;
    problems.push({ question: row[questionField] as string, reference: row[answerField] as string });
  }
  if (problems.length === 0) throw new DataError(`${file}: there are no rows`);
  return problems;
}

/** Of 2.6: a tenth, 200 at most, drawn by the seed; the others are for training. */
export function holdOut<Item>(items: readonly Item[], seed: number): { training: Item[]; heldOut: Item[] } {
  const shuffled = new Random(seed).split("held out").shuffle([...items]);
  const count = Math.min(Math.floor(items.length / 10), 200);
  return { training: shuffled.slice(count), heldOut: shuffled.slice(0, count) };
}

/**
 * @param maxTokens that a prompt may have
 * @throws ConfigError for a model that cannot be trained to answer: no chat template, no ending of its own
 */
export function encodeProblems(
  problems: readonly RlProblem[],
  model: SftModel,
  maxTokens: number,
): { prompts: PolicyPrompt<RlProblem>[]; tooLong: number } {
  const template = checkSftModel(model, model.config.maxPositions);
  const encoded = problems.map((item) => {
    const text = template.render([{ role: "user", content: item.question }], { addGenerationPrompt: true });
    return { tokens: model.tokenizer.encode(text), item };
  });
  const prompts = encoded.filter(({ tokens }) => tokens.length <= maxTokens);
  return { prompts, tooLong: encoded.length - prompts.length };
}
