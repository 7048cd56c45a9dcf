/**
 * Self-consistency: independent solutions, and the answer that most of them give.
 * Knob: branches. Certaindex: agreement of their answers. Source: Wang et al. 2023, arXiv 2203.11171.
 */
import type { Path, Program } from "./program.ts";
import { countVotes, entropySignal, type Votes } from "./votes.ts";

export function selfConsistency(): Program<Votes> {
  return {
    name: "self-consistency",
    updateCertaindex: entropySignal,
    async execute(context) {
      const paths: Path[] = [];
      for (let units = await context.grant(); units > 0; units = await context.grant()) {
        for (const path of await context.sample(units)) {
          if (path) paths.push(path);
          const votes = await countVotes(paths, context);
          await context.report(votes, { spent: [path], answer: votes.answer, votes: votes.sizes });
        }
      }
    },
  };
}
