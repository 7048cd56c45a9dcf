/** README.md of a trained reasoner: what it is, what it scored, how to make it again. Figures come from the evaluation. */
import { figuresTable } from "./evaluate.ts";
import type { ReasonerEvaluation, ReasonerSettings } from "./schemas.ts";

export function renderModelCard({ settings, parameterCount, greedy, sampled }: ReasonerEvaluation): string {
  return `---
license: apache-2.0
pipeline_tag: text-generation
---
# Polymath reasoner: sums, thought over too often

A ${parameterCount.toLocaleString("en")}-parameter Llama-shaped decoder that adds 2 to 6 whole numbers from 1 to 99, thinking between
\`<think>\` and \`</think>\`. It learned from a teacher that overthinks on purpose: once two solutions agree it goes on
checking, most on the easiest problems. That makes it a small, exact subject for the study of overthinking
(Chen et al. 2024, arXiv 2412.21187).

\`\`\`sh
polymath ask "17 + 25 + 38"
\`\`\`

Text form: \`<s>17+25+38=\` followed by what the model writes; the chat template makes it from a user message.

## Figures

On ${greedy[0]!.problemCount} held-out problems (no reordering of them was in training). xi_O is outcome efficiency, the share of the thinking up to the
first right solution; xi_P is process efficiency, the share spent on strategies not tried before.

Greedy:

${figuresTable(greedy)}

Temperature 1:

${figuresTable(sampled)}

## Made by

\`\`\`sh
${trainingCommand(settings)}
\`\`\`
`;
}

/** The command line that gives these settings. */
export function trainingCommand(settings: ReasonerSettings): string {
  const kebab = (name: string) => name.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
  const flags = Object.entries(settings).map(([name, value]) => `--${kebab(name)} ${value}`);
  return `polymath train reasoner ${flags.join(" ")}`;
}
