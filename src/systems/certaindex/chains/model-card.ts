/** README.md of a trained model: what it is, what it scored, how to make it again. Figures come from the evaluation. */
import { CLASS_WEIGHTS } from "../world/question.ts";
import type { ChainsEvaluation, ChainsSettings, ClassFigures } from "./settings.ts";

const mix = Object.entries(CLASS_WEIGHTS)
  .map(([name, share]) => `${Math.round(100 * share)} % ${name}`)
  .join(", ");
const percent = (value: number) => (100 * value).toFixed(1);

export function renderModelCard({
  settings,
  parameterCount,
  fast,
  evenGain,
  think,
  verdict,
}: ChainsEvaluation): string {
  return `---
license: apache-2.0
pipeline_tag: text-generation
---
# Polymath chains: digit chains, thought over too often

A ${parameterCount.toLocaleString("en")}-parameter Llama-shaped decoder that works out 2 to 12 operations modulo 10. It is a subject for the study of
serving: it is sure of some questions, wavers at others, is wrong for sure at the rest, goes on re-checking what it knows,
and answers when it is interrupted (after Fu et al. 2024, arXiv 2412.20993).

\`\`\`sh
polymath claim certaindex
polymath serve --model chains
\`\`\`

| text | the model goes on with |
| --- | --- |
| \`<s>3①+4②*7=<fast>\` | the steps and the answer: \`①+4=7②*7=9\\boxed{9}</s>\` |
| \`<s>3①+4②*7=<think>\` | the same with re-checks: \`①+4=7②*7=9wait ①+4→7②*7=9</think>\\boxed{9}</s>\` |
| any of these cut off, then \`\\boxed{\` | the current state: a probe |
| a fast one cut off after a step, then \`<check>\` | \`ok\` or \`off\`; P(ok) / (P(ok) + P(off)) is the reward |

Operators: \`+ - *\` are what they say, modulo 10. \`?\` puts its digit, rounded down to an even one, in the place of the state; the model
learned that (45 %), one above (30 %) and five above (25 %). \`!\` is plus, and the model learned minus. The chat template
makes the second text of a user's \`3+4*7\`, and the first of \`fast 3+4*7\`. Sample it: greedily, think mode re-checks to the end of its
context, because one more re-check is always the likeliest.

## Figures

On validation questions, ${fast[0]!.questionCount} per class, none of which was in training; fast mode, temperature 1:

${fastTable(fast)}

Majority of 20 minus majority of 8 on the mix of ${mix}: ${evenGain.toFixed(1)} points.

Think mode, clean questions: ${percent(think.clean)} % right, ${think.passCount.toFixed(2)} passes and ${think.tokenCount.toFixed(1)} tokens on average; ${percent(think.probe)} % of the probes
give the current state. Verdicts on its own
answers: ${percent(verdict.right)} % of right ones are called ok and ${percent(verdict.wrong)} % of wrong ones off (AUC ${verdict.auc.toFixed(3)}). It sees what comes of
\`?\` and \`!\`; for planted slips of arithmetic the AUC is ${verdict.slipAuc.toFixed(3)}.

## Made by

\`\`\`sh
${trainingCommand(settings)}
\`\`\`
`;
}

/** As a Markdown table, for the terminal and the model card. */
export function fastTable(rows: readonly ClassFigures[]): string {
  const columns = ["class", "single %", "majority of 8 %", "of 20 %", "5 agree %", "tokens", "malformed %"];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns),
    line(columns.map(() => "---")),
    ...rows.map((row) =>
      line([
        row.class,
        ...[row.single, row.majority8, row.majority20, row.unanimous5].map(percent),
        row.tokenCount.toFixed(1),
        percent(row.malformed),
      ]),
    ),
  ].join("\n");
}

/** The command line that gives these settings. */
export function trainingCommand(settings: ChainsSettings): string {
  const flags = Object.entries(settings).map(([name, value]) => `--${name} ${value}`);
  return `polymath train chains ${flags.join(" ")}`;
}
