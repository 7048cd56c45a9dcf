/**
 * What models are asked, for each purpose, in our own words. `polymath huatuo prompts DIR` writes these texts as files,
 * to be edited and given back with `--prompts DIR`. `{{name}}` is filled in; a text must use all names that its default uses.
 */

const chainForm = `Answer with one JSON object and nothing else:
{"CoT": [
  {"action": "Inner Thinking", "title": "...", "content": "..."},
  ...,
  {"action": "Final Conclusion", "content": "..."},
  {"action": "Verification", "content": "..."}
]}
There are as many "Inner Thinking" steps as you need. The last three entries are an "Inner Thinking", the "Final Conclusion" and a "Verification", in this order.`;

const refine = (move: string) => `You are working on a problem step by step, as a list of actions:
- "Inner Thinking": one step of reasoning, with a short title;
- "Final Conclusion": the answer that the reasoning leads to;
- "Verification": a check of the conclusion that says whether it holds, and why.

<problem>
{{question}}
</problem>

<reasoning so far>
{{chain}}
</reasoning so far>

The last "Final Conclusion" is wrong. You have not been told so: your next action is a "Verification" that finds it out by itself. Then go on. ${move}

Do not repeat the reasoning so far; give only what follows it, beginning with the "Verification". ${chainForm}`;

export const defaultPrompts = {
  weak: `Answer this multiple-choice question. End with a line of the form "Answer: X", where X is the letter of your choice.

{{question}}

{{options}}`,

  filter: `You select exam questions that can be turned into open problems for training a model to reason.

<question>
{{question}}
</question>
<options>
{{options}}
</options>
<key>
{{answer}}
</key>

Judge the question by three tests, in this order:
1. It takes reasoning: whoever has merely read the topic once does not see the answer at once. If not: Too Simple
2. Exactly one answer is right, and the question leaves no doubt which. If not: Ambiguous Answer
3. It can be asked without its options and still has that one answer. If not: Not Reformulatable
If it meets all three: Pass

Reply with the label alone: Pass, Too Simple, Ambiguous Answer, or Not Reformulatable.`,

  reformat: `Turn a multiple-choice question into an open problem whose answer can be checked by comparison.

<question>
{{question}}
</question>
<options>
{{options}}
</options>
<key>
{{answer}}
</key>

The problem must test the same point, contain everything needed to solve it, mention no options, and not give the answer away. The answer must be short: a name or a phrase of a few words, in the form an expert would write it.

Answer with one JSON object of exactly two texts and nothing else:
{"Open-ended Verifiable Question": "...", "Ground-True Answer": "..."}`,

  init: `Solve the problem below. Think step by step, as a list of actions:
- "Inner Thinking": one step of reasoning, with a short title;
- "Final Conclusion": the answer that the reasoning leads to;
- "Verification": a check of the conclusion that says whether it holds, and why.

<problem>
{{question}}
</problem>

${chainForm}`,

  "strategy-exploring-new-paths": refine(
    "Leave the ways tried so far: take an approach that differs from every earlier one, and follow it to a new conclusion.",
  ),

  "strategy-backtracking": refine(
    "Go back to an earlier step that was still sound, say which one, and continue from there in another direction to a new conclusion.",
  ),

  "strategy-verification": refine(
    "Go through the reasoning once more from its beginning, check every step thoroughly against the problem, and state the conclusion that holds after the check.",
  ),

  "strategy-correction": refine(
    "Name precisely which step is at fault and why, put it right, and carry the correction through to a new conclusion.",
  ),

  reveal: `You are working on a problem step by step, as a list of actions:
- "Inner Thinking": one step of reasoning, with a short title;
- "Final Conclusion": the answer that the reasoning leads to;
- "Verification": a check of the conclusion that says whether it holds, and why.

<problem>
{{question}}
</problem>

<reasoning so far>
{{chain}}
</reasoning so far>

The last "Final Conclusion" is wrong; the right answer is: {{answer}}
Continue so that the reasoning arrives at it by its own steps. Begin with a "Verification" that notices the error. Never write that you were given the answer.

Give only what follows the reasoning so far. ${chainForm}`,

  verify: `Does the response state the same final answer as the reference? Other words for the same thing are the same; an answer that is broader, narrower, hedged between several, or about something else is not.

<response>
{{response}}
</response>
<reference>
{{reference}}
</reference>

Reply with one word: True or False.`,

  natural: `Below is a problem and the protocol of somebody's reasoning about it. Rewrite the protocol as one inner monologue.

<problem>
{{question}}
</problem>
<protocol>
{{chain}}
</protocol>

- One thought per line, in the order of the protocol; no headings, no numbering.
- The voice of a person thinking aloud: "hmm", "wait", "okay, so", where they fit.
- Keep every turn: each conclusion that was reached and given up stays, with the reason for giving it up.
- Add no knowledge that the protocol does not have at that point; the answer comes only where the protocol finds it.
- Do not speak of a protocol, of a key, or of having been told anything.

Answer with one JSON object and nothing else: {"NaturalReasoning": "..."}`,

  respond: `Below is a question and the thinking of somebody who has worked it out. Write the reply to the person who asked.

<question>
{{question}}
</question>
<thinking>
{{thinking}}
</thinking>

Give the answer first, then what supports it. Do not mention the thinking. Write the reply only.`,
} as const;

export type PromptName = keyof typeof defaultPrompts;
