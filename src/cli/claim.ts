/** `polymath claim <system>`: a published claim, run anew in miniature. */
import { z } from "zod";
import { writeJsonAtomic } from "../core/atomic.ts";
import { claimExitCode, claimToReport, describeClaim, type RunClaim } from "../core/claim.ts";
import { defineCommand } from "../core/command.ts";
import { UsageError } from "../core/errors.ts";
import { workedMs } from "../core/journal.ts";

/** Every claim by the name of its system; a system is loaded only when its claim is asked for. */
const claims: Readonly<Record<string, () => Promise<RunClaim>>> = {
  certaindex: async () => (await import("../systems/certaindex/index.ts")).claimCertaindex,
  codeelo: async () => (await import("../systems/codeelo/index.ts")).claimCodeElo,
  "huatuogpt-o1": async () => (await import("../systems/huatuogpt-o1/index.ts")).claimHuatuo,
  lightningdit: async () => (await import("../systems/lightningdit/index.ts")).claimLightningDit,
  overthinking: async () => (await import("../systems/overthinking/index.ts")).claimOverthinking,
};

/** Systems that have a claim. */
export const claimNames: readonly string[] = Object.keys(claims);

export const claimCommand = defineCommand({
  name: "claim",
  summary: "Run a paper's claim anew on this machine, and say whether it holds",
  description:
    "Prints what was published, what was measured with its 95 % interval, and the verdict. Exit code 0: reproduced, 3: not, 4: inconclusive.",
  examples: [
    "polymath claim certaindex",
    "polymath claim certaindex --full --seed 7",
    "polymath claim certaindex --json",
  ],
  args: z.tuple([
    z
      .string()
      .meta({ label: "system" })
      .describe(`which: ${Object.keys(claims).join(", ")}`),
  ]),
  options: z.object({
    quick: z.boolean().default(false).describe("ten minutes at most on two cores; the default"),
    full: z.boolean().default(false).describe("with the seeds and questions of the published plan"),
    seed: z.int().nonnegative().default(0).describe("the first of the seeds"),
  }),
  journal: true,
  async run([system], { quick, full, seed }, context) {
    const load = Object.hasOwn(claims, system) ? claims[system] : undefined;
    if (!load) {
      throw new UsageError(`There is no claim of "${system}"`, {
        hint: `There are: ${Object.keys(claims).join(", ")}.`,
      });
    }
    if (quick && full) throw new UsageError("--quick and --full: expected one of them", { hint: "Leave one out." });
    const runClaim = await load();
    const { run, progress, signal } = context;
    const {
      claim: measured,
      sections,
      table,
    } = await runClaim({
      mode: full ? "full" : "quick",
      seed,
      progress,
      signal,
      path: (name) => run.path(name),
    });
    const claim = { ...measured, durationMs: await workedMs(run.dir) }; // of a resumed run, all of its sittings
    await writeJsonAtomic(run.path("claim.json"), claim); // the studio's board reads it
    const report = claimToReport(claim);
    await run.finish({ ...report, sections: [...report.sections, ...sections] });
    return { ...claim, ...(table && { table }) };
  },
  print: describeClaim,
  exitCode: claimExitCode,
});
