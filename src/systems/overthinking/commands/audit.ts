/** `polymath overthinking audit`: how good the cuts and clusters of the rules are. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { auditFile, auditSums } from "../audit.ts";

export const auditCommand = defineCommand({
  name: "overthinking audit",
  summary: "Score the rules that cut and cluster reasoning, against true or hand-made cuts",
  description:
    "Without a file, on traces of the world Sums, whose cuts and strategies are known. With one, against the " +
    "split_solutions that it brings.",
  examples: ["polymath overthinking audit", "polymath overthinking audit hand-cut.jsonl"],
  args: z.array(z.string()).max(1).meta({ label: "file" }).describe("traces with split_solutions; left out: Sums"),
  options: z.object({
    traces: z.int().positive().default(1000).describe("of Sums"),
    seed: z.int().nonnegative().default(0).describe("of Sums"),
  }),
  run: async ([file], { traces, seed }) => ({
    against: file ?? "the world Sums",
    ...(file === undefined ? auditSums(traces, seed) : await auditFile(file)),
  }),
  print: ({ against, traceCount, cuts, adjustedRand }) =>
    [
      `${traceCount} traces of ${against}`,
      `cuts: F1 ${cuts.f1.toFixed(3)}, precision ${cuts.precision.toFixed(3)}, recall ${cuts.recall.toFixed(3)} (${cuts.foundCount} found, ${cuts.trueCount} true)`,
      `strategies: adjusted Rand index ${adjustedRand.toFixed(3)}`,
    ].join("\n"),
});
