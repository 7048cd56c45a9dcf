/** `polymath overthinking metrics`: how much of the thinking in a file of responses served its answers. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { checkersOf } from "../judge/checkers.ts";
import { openCounter } from "../measure/count-tokens.ts";
import { describeMeasured, measureFile } from "./measure.ts";
import { fileArgument, fileOptions, measureOptions } from "./options.ts";

export const metricsCommand = defineCommand({
  name: "overthinking metrics",
  summary: "Measure how much of the reasoning in a file of responses served its answers",
  description:
    "Takes the published JSONL (problem, response, expected_answer, split_solutions), OpenAI replies with " +
    "reasoning_content or <think>, <|begin_of_thought|> and ## Thinking forms. Cuts, verdicts and clusters that the " +
    "file does not bring are made here by rules; `overthinking analyze` has a model make them.",
  examples: [
    "polymath overthinking metrics traces.jsonl --tokenizer ./Qwen2.5-7B --price 2.5",
    "polymath overthinking metrics traces.jsonl --json",
    "polymath overthinking metrics published.jsonl --tokenizer whitespace --repo-compat",
  ],
  args: fileArgument,
  options: z.object({ ...fileOptions, ...measureOptions }),
  journal: true,
  run: async ([file], { tokenizer, checker, tokens, repoCompat, price, ...reading }, context) => {
    const { measured, report } = await measureFile(
      file,
      {
        ...reading,
        price,
        basis: tokens,
        weighting: repoCompat ? "solutions" : "formula",
        counter: await openCounter(tokenizer),
        checkers: checkersOf(checker),
      },
      context,
    );
    await context.run.finish(report);
    return measured;
  },
  print: describeMeasured,
});
