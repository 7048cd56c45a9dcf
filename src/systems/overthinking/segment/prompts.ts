/**
 * What a model is asked in the three stages of segmentation. The wording is ours; purpose and form of the replies are
 * those of the published pipeline.
 * Source: papers/overthinking section 2.2.
 */
import type { ChatMessage } from "../../../endpoint/endpoint.ts";

/** Longer steps are shown by their two ends: what counts, an answer, stands there. */
const shownCharacters = 6000;

export function shortened(text: string): string {
  if (text.length <= shownCharacters) return text;
  const half = shownCharacters / 2;
  return `${text.slice(0, half)}\n[… ${text.length - shownCharacters} characters left out …]\n${text.slice(-half)}`;
}

/** Stage 1: mark every stretch that ends in an explicit answer. */
export function cutPrompt(problem: string, steps: readonly string[], first: number): ChatMessage[] {
  const numbered = steps.map((step, index) => `###STEP ${first + index}\n${shortened(step)}`).join("\n\n");
  return [
    { role: "system", content: cutInstructions },
    { role: "user", content: `Problem:\n${shortened(problem)}\n\nReasoning:\n\n${numbered}` },
  ];
}

const cutInstructions = `You divide a reasoning into solutions. The reasoning is given as numbered steps.

A solution is a run of neighbouring steps that ends where an answer to the problem is stated explicitly, be it right or wrong.
- Solving again, checking, or trying another way is a solution of its own as soon as it arrives at an answer, even at the same one.
- A result on the way (a length needed later, one case of several) is no answer to the problem.
- A closing remark that only repeats the answer belongs to the solution before it.
- If the last steps break off before an answer, they are an incomplete solution with the answer none.
- Every step belongs to exactly one solution; the solutions are in order.

Write nothing but the solutions, each in this form, with the numbers of its first and last step:
<solution1><step>###STEP a … ###STEP b</step><answer>the answer it states</answer><complete>true</complete></solution1>

Example. Problem: How much is 3 + 4 · 2?
###STEP 1
First the product: 4 · 2 = 8.
###STEP 2
Adding 3 gives 11, so the answer is 11.
###STEP 3
Let me check: 3 + 8 is 11. Yes, 11.
###STEP 4
So it is 11.
###STEP 5
Or should one go from left to right? Then 3 + 4 = 7 and
Reply:
<solution1><step>###STEP 1 … ###STEP 2</step><answer>11</answer><complete>true</complete></solution1>
<solution2><step>###STEP 3 … ###STEP 4</step><answer>11</answer><complete>true</complete></solution2>
<solution3><step>###STEP 5 … ###STEP 5</step><answer>none</answer><complete>false</complete></solution3>

Example. Problem: A coin is thrown twice. What is the probability of two heads?
###STEP 1
Each throw is heads with probability 1/2.
###STEP 2
Both: 1/2 · 1/2 = 1/4.
###STEP 3
Alternatively list them: HH, HT, TH, TT. One of four: 1/4.
Reply:
<solution1><step>###STEP 1 … ###STEP 2</step><answer>1/4</answer><complete>true</complete></solution1>
<solution2><step>###STEP 3 … ###STEP 3</step><answer>1/4</answer><complete>true</complete></solution2>`;

/** Stage 2: does this step already state the answer of its solution? */
export function statesAnswerPrompt(problem: string, step: string, answer: string): ChatMessage[] {
  return [
    {
      role: "system",
      content: `You are given a problem, an answer that a reasoning arrives at, and one step of that reasoning. Decide whether this step already states that answer as the answer to the problem. A boxed value is a strong sign. A number that merely occurs on the way, or in the problem, is not a statement of the answer.
Reply with JSON alone: {"result": true} or {"result": false}`,
    },
    {
      role: "user",
      content: `Problem:\n${shortened(problem)}\n\nAnswer: ${answer}\n\nStep:\n${shortened(step)}`,
    },
  ];
}

/** Stage 3: does this cut separate two complete thoughts? Steps around it, at most five on each side. */
export function separatesPrompt(problem: string, before: readonly string[], after: readonly string[]): ChatMessage[] {
  const side = (steps: readonly string[]) => steps.map(shortened).join("\n\n");
  return [
    {
      role: "system",
      content: `A reasoning was cut at the mark <end>. Judge whether the cut separates two complete thoughts: what stands before it must be complete and state an answer to the problem; what stands after it must be more than a repetition of that answer, such as a check that computes something or another way to solve the problem.
Give your reason in one or two sentences, then JSON: {"result": true} if the cut is right, {"result": false} if both sides belong together.`,
    },
    {
      role: "user",
      content: `Problem:\n${shortened(problem)}\n\n${side(before)}\n\n<end>\n\n${side(after)}`,
    },
  ];
}
