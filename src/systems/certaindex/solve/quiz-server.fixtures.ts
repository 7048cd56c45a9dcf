/**
 * An OpenAI-compatible server that answers the questions of a data set right and wrong with known frequencies: a third
 * of them nearly always right, a third half the time with scattered wrong answers, a third never. What it says depends
 * on the question and the seed of the call alone.
 */
import { Random } from "../../../core/random.ts";
import {
  defaultAnswer,
  type MockOptions,
  type MockRequest,
  type MockServer,
  startMockServer,
} from "../../../endpoint/testing/index.ts";
import type { Question } from "../programs/index.ts";

export const kinds = ["easy", "half", "never"] as const;
export type Kind = (typeof kinds)[number];
export const chances: Record<Kind, number> = { easy: 0.97, half: 0.5, never: 0 };

export const kindOf = (index: number): Kind => kinds[index % kinds.length]!;

export async function startQuizServer(questions: readonly Question[], options: MockOptions = {}): Promise<MockServer> {
  const places = new Map(questions.map(({ text }, index) => [text, index]));
  const answer = ({ prompt, prefill = "", body, choice }: MockRequest) => {
    const index = places.get(prompt.slice(0, prompt.lastIndexOf("\n\nPlease reason")));
    if (index === undefined) return defaultAnswer({ prompt, prefill, body, choice } as MockRequest); // tests of its skills
    const random = new Random("quiz").split(index).split(`${body.seed} ${choice} ${prefill}`);
    return sayAnswer(random, index, questions[index]!.target!);
  };
  return startMockServer({ answer, ...options });
}

/** Some words, and the answer in a box: the target, or a number that is none. */
function sayAnswer(random: Random, index: number, target: string): string {
  const words = Array.from({ length: random.int(5, 40) }, () => random.choice(["so", "then", "hence", "add"]));
  const isRight = random.bool(chances[kindOf(index)]);
  const wrong = String(1_000_000 + random.int(0, 5)); // no answer of these data sets
  return `${words.join(" ")} \\boxed{${isRight ? target : wrong}}`;
}
