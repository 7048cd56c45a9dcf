/** `polymath huatuo verifier train`, `calibrate` and `audit`: a verifier of one's own, and how far it can be trusted. */
import { resolve } from "node:path";
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { UsageError } from "../../../core/errors.ts";
import { formatNumber } from "../../../core/format.ts";
import { exactMatch } from "../search/verifiers.ts";
import { audit, drawSheet, readItems, readSheet, writeSheet } from "../verifier/audit.ts";
import { calibrate, calibrationSections, figuresAt, showPercent } from "../verifier/calibrate.ts";
import { clinicPairs } from "../verifier/clinic-verifier.ts";
import { loadVerifier } from "../verifier/folder.ts";
import { trainClinic, trainFromBase, type VerifierOutcome } from "../verifier/make.ts";
import { readPairs } from "../verifier/pairs.ts";
import { fullScale } from "../verifier/train.ts";
import { trainedVerifier } from "../verifier/trained.ts";

const pairsArgument = z
  .array(z.string())
  .max(1)
  .meta({ label: "pairs" })
  .describe("rows of response, reference and label (true or false); left out: the invented clinic's");

export const verifierTrainCommand = defineCommand({
  name: "huatuo verifier train",
  summary: "Train a small verifier that knows a right answer by its other names",
  description:
    "With a file of pairs, a Llama or Qwen folder becomes a classifier of two labels. Without, the verifier of the " +
    "invented clinic is trained from nothing, in a minute or two. Both labels come equally often; give hard negatives " +
    "(the right answer denied, two answers at once), or it will not know them.",
  examples: [
    "polymath huatuo verifier train --out clinic-verifier",
    "polymath huatuo verifier train pairs.jsonl --base ./Llama-3.2-1B --out my-verifier",
  ],
  args: pairsArgument,
  options: z.object({
    base: z.string().optional().meta({ label: "folder" }).describe("model whose body the verifier begins with"),
    out: z.string().meta({ label: "folder" }).describe("where the verifier goes"),
    epochs: z.number().positive().default(fullScale.epochs).describe("with a file of pairs"),
    batch: z.number().int().min(2).default(fullScale.batchSize).describe("with a file of pairs; half of each label"),
    lr: z.number().positive().default(fullScale.learningRate).describe("with a file of pairs"),
    threshold: z.number().min(0).max(1).default(0.4).describe("a response is right above it"),
    seed: z.number().int().default(0),
  }),
  journal: true,
  async run([file], options, context): Promise<VerifierOutcome | null> {
    const { base, out, epochs, batch, lr, threshold, seed } = options;
    const { run } = context;
    const inside = { ...context, dir: run.path("train"), out: resolve(out), threshold, seed };
    if (file === undefined) {
      if (base !== undefined) throw new UsageError("--base needs a file of pairs to train it on");
      return finish(await trainClinic(inside));
    }
    if (base === undefined) {
      throw new UsageError(`${file}: --base is missing`, {
        hint: "Name the model folder that the verifier begins with.",
      });
    }
    return finish(await trainFromBase({ file, base: resolve(base), epochs, batch, lr }, inside));

    async function finish(outcome: VerifierOutcome | null): Promise<VerifierOutcome | null> {
      if (outcome) await run.finish({ title: "A verifier", summary: describeOutcome(outcome), sections: [] });
      return outcome;
    }
  },
  print: (outcome) => (outcome ? `${outcome.out}\n${describeOutcome(outcome)}` : ""),
});

function describeOutcome({ pairs, steps, exact, trained, heldOut }: VerifierOutcome): string {
  const of = `On ${heldOut} pairs held out`;
  return `${pairs} pairs, ${steps} steps. ${of}: exact match ${showPercent(exact)}, trained ${showPercent(trained)}.`;
}

export const verifierCalibrateCommand = defineCommand({
  name: "huatuo verifier calibrate",
  summary: "Sweep a verifier's threshold, and see whether its probabilities are what they say",
  description: "Without a file, pairs of the invented clinic are taken, of its held-out side.",
  examples: [
    "polymath huatuo verifier calibrate --verifier clinic-verifier",
    "polymath huatuo verifier calibrate pairs.jsonl --verifier my-verifier",
  ],
  args: pairsArgument,
  options: z.object({
    verifier: z.string().meta({ label: "folder" }).describe("a trained verifier"),
    seed: z.number().int().default(0).describe("of the clinic's pairs"),
  }),
  journal: true,
  async run([file], { verifier: folder, seed }, { run }) {
    const pairs = file === undefined ? clinicPairs(seed, 1000, "test") : await readPairs(file);
    const verifier = trainedVerifier(await loadVerifier(resolve(folder)), folder);
    try {
      const scores = await verifier.scores(pairs);
      const result = calibrate(pairs.map(({ label }, index) => ({ label, score: scores[index]! })));
      const exact = figuresAt(
        pairs.map(({ response, reference, label }) => ({ score: Number(exactMatch(response, reference)), label })),
        0.5,
      ).accuracy;
      const summary =
        `Exact match ${showPercent(exact)}. Best threshold of the sweep ${result.best}; calibration error ` +
        `${formatNumber(Number((100 * result.calibrationError).toFixed(1)))} points.`;
      await run.finish({ title: "A verifier's calibration", summary, sections: calibrationSections(result) });
      return { exact, ...result };
    } finally {
      verifier.dispose();
    }
  },
  print: ({ exact, thresholds, best, calibrationError, count }) =>
    [
      `${count} pairs; exact match ${showPercent(exact)}`,
      ...thresholds.map(
        ({ threshold, accuracy, precision, recall }) =>
          `  above ${threshold}: accuracy ${showPercent(accuracy)}, precision ${showPercent(precision)}, recall ${showPercent(recall)}${threshold === best ? "  (best)" : ""}`,
      ),
      `calibration error ${(100 * calibrationError).toFixed(1)} points`,
    ].join("\n"),
});

export const verifierAuditCommand = defineCommand({
  name: "huatuo verifier audit",
  summary: "Write a sheet for people to judge answers on, or hold the verifier to one that is filled in",
  description:
    "With --sheet, so many pairs are drawn and written as CSV, without any verdict on them: fill in is_right with yes or " +
    "no. The filled sheet, given as the file, is then compared with the verifier.",
  examples: [
    "polymath huatuo verifier audit pairs.jsonl --sheet audit.csv --count 200",
    "polymath huatuo verifier audit audit.csv --verifier my-verifier",
  ],
  args: z.tuple([z.string().meta({ label: "file" }).describe("pairs of response and reference, or a filled sheet")]),
  options: z.object({
    sheet: z.string().optional().meta({ label: "file.csv" }).describe("write a sheet to be filled in"),
    count: z.number().int().min(1).default(200).describe("rows of the sheet; the paper had 200 per stage"),
    seed: z.number().int().default(0).describe("of the draw"),
    verifier: z.string().optional().meta({ label: "folder" }).describe("the trained verifier to hold to the sheet"),
  }),
  async run([file], { sheet, count, seed, verifier: folder }) {
    if ((sheet === undefined) === (folder === undefined)) {
      throw new UsageError("Expected one of --sheet and --verifier", {
        hint: "First --sheet FILE.csv to have a sheet written; then give the filled sheet with --verifier FOLDER.",
      });
    }
    if (sheet !== undefined) {
      const rows = drawSheet(await readItems(file), count, seed);
      return { kind: "sheet" as const, sheet, rows: await writeSheet(sheet, rows) };
    }
    const filled = await readSheet(file);
    const verifier = trainedVerifier(await loadVerifier(resolve(folder!)), folder);
    try {
      return { kind: "audit" as const, ...audit(filled, await verifier.verifyAll(filled.map(({ row }) => row))) };
    } finally {
      verifier.dispose();
    }
  },
  print(result) {
    if (result.kind === "sheet") return `${result.rows} rows to be filled in: ${result.sheet}`;
    const { labelled, unlabelled, agreement, kappa, wronglyTaken, wronglyRefused } = result;
    return [
      `agreement with people ${showPercent(agreement)} on ${labelled} answers${unlabelled > 0 ? `, ${unlabelled} left empty` : ""}`,
      `beyond chance (Cohen's kappa) ${kappa === null ? "not defined" : kappa.toFixed(3)}`,
      `taken for right, but wrong: ${wronglyTaken.length}; taken for wrong, but right: ${wronglyRefused.length}`,
      ...[...wronglyTaken, ...wronglyRefused]
        .slice(0, 10)
        .map(({ id, response, reference }) => `  row ${id}: "${response}" beside "${reference}"`),
    ].join("\n");
  },
});
