/** README.md of a trained coder: what it is, what it solves, how to make it again. Figures come from the evaluation. */
import type { CoderEvaluation, CoderSettings, FamilyFigures } from "./settings.ts";

const percent = (value: number) => (100 * value).toFixed(1);

export function renderModelCard({
  settings,
  parameterCount,
  families,
  trained,
  heldOut,
  judge,
}: CoderEvaluation): string {
  return `---
license: apache-2.0
pipeline_tag: text-generation
---
# Polymath coder: small Python programs from formal statements

A ${parameterCount.toLocaleString("en")}-parameter Llama-shaped decoder that reads "sum of square of above 3 of a" and writes the Python that computes
it for a list \`a\`. The statement names the operations from the outside in, the program does them from the inside out. It is a
subject for rating models beside people (after Quan et al. 2025, arXiv 2501.01257): its programs are judged like anybody's.

\`\`\`sh
polymath claim codeelo
\`\`\`

| text | the model goes on with |
| --- | --- |
| \`<s>sum of square of above 3 of a:\` | \`a=[x for x in a if x>3]\`, \`a=[x*x for x in a]\`, \`print(sum(a))\`, a line each, then \`</s>\` |

Families are kinds of operations, innermost first: keep (even, odd, above, below, not, multiple), map (plus, minus, times, square,
negated, size, rest) and view (sorted, distinct, reversed, alternate, prefix sums, running maxima, steps). The chat template makes the
text of a user's message.

## Figures

${families[0]!.problemCount} problems per family, none of which was in training, 8 programs each at temperature 1, judged in the sandbox
(${judge.version}, ${judge.sandbox}):

${familyTable(families)}

Mean of the families of the training: pass@1 ${percent(trained.pass1)} %, pass@8 ${percent(trained.pass8)} %; of those it never saw: ${percent(heldOut.pass1)} %, ${percent(heldOut.pass8)} %.

## Made by

\`\`\`sh
${trainingCommand(settings)}
\`\`\`

\`--stages FOLDER\` also keeps the models after 10 and 30 % of the training, which the claim rates beside the last one.
`;
}

/** As a Markdown table, for the terminal and the model card. */
export function familyTable(families: readonly FamilyFigures[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const columns = ["family", "in training", "pass@1 %", "pass@8 %"];
  return [
    line(columns),
    line(columns.map(() => "---")),
    ...families.map(({ family, isHeldOut, pass1, pass8 }) =>
      line([family, isHeldOut ? "no" : "yes", percent(pass1), percent(pass8)]),
    ),
  ].join("\n");
}

/** The command line that gives these settings. */
export function trainingCommand(settings: CoderSettings): string {
  const flags = Object.entries(settings).map(([name, value]) => `--${name} ${value}`);
  return `polymath train coder ${flags.join(" ")}`;
}
