/** Rewards of paths, finished or not: from a verdict token that the model itself writes, or from any function. */
import { ConfigError, ShapeError } from "../../../core/errors.ts";
import type { TokenLogprob } from "../../../endpoint/endpoint.ts";
import { isFatal } from "./caller.ts";
import { addCost, type Path, type ProgramContext, type Question } from "./program.ts";

/** The same paths, with rewards from 0 to 1 and the cost of judging them. */
export type RewardModel = (
  context: Pick<ProgramContext, "question" | "generate">,
  paths: readonly Path[],
) => Promise<Path[]>;

export interface VerdictOptions {
  /** Written after a path to ask for the verdict. */
  suffix: string;
  /** Tokens that say yes and no, blanks around them aside. */
  yes: readonly string[];
  no: readonly string[];
}

/** Of a chat model, which goes on with what it has written so far. */
export const mathsVerdict: VerdictOptions = {
  suffix: "\n\nIs every step so far correct (Yes or No)? ",
  yes: ["Yes", "yes"],
  no: ["No", "no"],
};

/** The probability of yes among yes and no, as the next token after `suffix`; needs logprobs. */
export function verdictReward({ suffix, yes, no }: VerdictOptions): RewardModel {
  let hasSpoken = false; // a model that never gives a verdict is a wrong setting; a single path without one is not
  async function judge(context: Pick<ProgramContext, "generate">, path: Path) {
    const call = { label: "reward", prefix: path.text, suffix, maxTokens: 1, temperature: 0, topLogprobs: 20 };
    try {
      const { logprobs, cost } = await context.generate(call);
      const reward = readVerdict(logprobs?.[0], { yes, no });
      hasSpoken ||= reward !== undefined;
      return { token: logprobs?.[0], path: { ...path, reward: reward ?? 0, cost: addCost(path.cost, cost) } };
    } catch (error) {
      if (isFatal(error)) throw error;
      return { path: { ...path, reward: 0 }, isLost: true }; // a path that nobody has judged must not win
    }
  }
  return async (context, paths) => {
    const judged = await Promise.all(paths.map((path) => judge(context, path)));
    const answered = judged.find(({ isLost }) => !isLost);
    if (answered && !hasSpoken) throw noVerdictError(answered.token, { suffix, yes, no });
    return judged.map(({ path }) => path);
  };
}

/** @param score rewards from 0 to 1, one per text, each all that was written so far */
export function functionReward(
  score: (question: Question, texts: readonly string[]) => readonly number[] | Promise<readonly number[]>,
): RewardModel {
  return async ({ question }, paths) => {
    const rewards = await score(
      question,
      paths.map(({ text }) => text),
    );
    if (rewards.length !== paths.length) {
      throw new ShapeError(`The reward function gave ${rewards.length} rewards for ${paths.length} texts`);
    }
    return paths.map((path, index) => ({ ...path, reward: checked(rewards[index]!) }));
  };
}

/** @returns undefined when neither is among the likeliest tokens */
export function readVerdict(
  token: TokenLogprob | undefined,
  { yes, no }: Pick<VerdictOptions, "yes" | "no">,
): number | undefined {
  if (!token) return undefined;
  const seen = token.top.length > 0 ? token.top : [token];
  const weight = (words: readonly string[]) =>
    seen.reduce((sum, one) => (words.includes(one.token.trim()) ? sum + Math.exp(one.logprob) : sum), 0);
  const [pro, contra] = [weight(yes), weight(no)];
  return pro + contra > 0 ? pro / (pro + contra) : undefined;
}

function checked(reward: number): number {
  if (reward >= 0 && reward <= 1) return reward;
  throw new ConfigError(`The reward function gave ${reward}`, { hint: "Rewards are numbers from 0 to 1." });
}

function noVerdictError(token: TokenLogprob | undefined, { suffix, yes, no }: VerdictOptions): ConfigError {
  const likeliest = token?.top.slice(0, 5).map((one) => JSON.stringify(one.token.trim()));
  const found = token
    ? `the likeliest tokens are ${likeliest?.join(", ") || JSON.stringify(token.token)}`
    : "the reply has no logprobs";
  return new ConfigError(
    `After ${JSON.stringify(suffix)} the model says neither ${[...yes, ...no].join(" nor ")}: ${found}`,
    {
      hint: token
        ? "Ask for the verdict in words that the model answers."
        : "Rewards from a verdict need an endpoint with logprobs.",
    },
  );
}
