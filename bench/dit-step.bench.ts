/**
 * How many times as fast as TensorFlow.js does the nano LightningDiT train and sample, on each executor?
 * (float32; depth 4, width 96, 16 tokens of 32-channel latents, batch 96)
 * Expected: native at least 3 times as fast as TensorFlow.js on WebAssembly in Node, for both.
 * Run: npm run bench -- dit-step
 *
 * Both sides start from the same weights and see the same batches; the losses of the first steps (of sampling: the mean
 * absolute velocities) must agree to 1e-3. Each side is a process of its own, and they take turns (lib/paired.ts).
 */
import { batchSize, flopForward } from "./dit-step/task.ts";
import { type ContenderProcess, openContender } from "./lib/contender.ts";
import { executors } from "./lib/executors.ts";
import { largestDifference, measurePaired, type Spread, speedup, spread } from "./lib/paired.ts";
import type { Benchmark, BenchOptions, Outcome, Table } from "./lib/report.ts";

const tolerance = 1e-3;
const peers = { "TensorFlow.js": "plain", "TensorFlow.js, helped": "helped" };
/** Looks at the model that one picture takes: Euler on 51 points. */
const looksPerPicture = 50;

export const benchmark: Benchmark = {
  name: "dit-step",
  question: "How many times as fast as TensorFlow.js does the nano LightningDiT train and sample?",
  async run(options) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    for (const mode of ["train", "sample"] as const) {
      const contenders = await openAll(mode, options);
      try {
        const { table, failures } = await compare(mode, contenders, options);
        outcome.tables.push(table);
        outcome.failures.push(...failures);
      } finally {
        for (const contender of contenders) contender.close();
      }
      if (mode === "sample") outcome.remarks.push(...contenders.map(({ name, about }) => `${name}: ${about}`));
    }
    outcome.remarks.push(
      "Times are medians (min–max) of rounds; ratios are taken within a round, above 1 means Polymath is faster.",
      `Pictures a second: ${looksPerPicture} looks at the model for each, batch ${batchSize}, without guidance and without decoding.`,
    );
    return outcome;
  },
};

async function openAll(mode: string, { note }: BenchOptions): Promise<ContenderProcess[]> {
  const contenders: ContenderProcess[] = [];
  for (const device of await executors()) {
    note(`${mode}: starting ${device}`);
    const file = new URL("./dit-step/ours.ts", import.meta.url);
    contenders.push(await openContender(device, file, [mode], { POLYMATH_DEVICE: device }));
  }
  for (const [name, help] of Object.entries(peers)) {
    note(`${mode}: starting ${name}`);
    contenders.push(await openContender(name, new URL("./dit-step/tfjs.ts", import.meta.url), [mode, help]));
  }
  return contenders;
}

async function compare(
  mode: "train" | "sample",
  contenders: ContenderProcess[],
  { quick, note }: BenchOptions,
): Promise<{ table: Table; failures: string[] }> {
  note(`${mode}: ${contenders.length} contenders in turn`);
  const sizes = { checkSteps: 10, rounds: 9, stepsPerRound: 5 };
  const { times, values } = await measurePaired(
    contenders,
    quick ? { checkSteps: 3, rounds: 2, stepsPerRound: 1 } : sizes,
  );
  const peerNames = Object.keys(peers);
  const reference = values.get(peerNames[0]!)!;
  const failures: string[] = [];
  const flop = flopForward() * (mode === "train" ? 3 : 1);
  const rows = contenders.map(({ name }) => {
    const ms = times.get(name)!;
    const difference = largestDifference(values.get(name)!, reference);
    if (!(difference <= tolerance))
      failures.push(`${mode}, ${name}: differs from TensorFlow.js by ${difference}, more than ${tolerance}`);
    const ratios = peerNames.map((peer) => (peerNames.includes(name) ? "" : speedup(ms, times.get(peer)!)));
    const pictures = mode === "sample" ? [picturesPerSecond(spread(ms))] : [];
    return [name, spread(ms), flop / spread(ms).median / 1e6, ...pictures, ...ratios, difference.toExponential(1)];
  });
  const table: Table = {
    title: mode === "train" ? "A training step (AdamW)" : "A look at the model, as each step of sampling takes",
    columns: [
      "",
      "ms",
      "GFLOP/s",
      ...(mode === "sample" ? ["pictures/s"] : []),
      "× TensorFlow.js",
      "× helped",
      `difference, first ${reference.length} steps`,
    ],
    rows,
  };
  return { table, failures };
}

function picturesPerSecond({ median }: Spread): number {
  return (1000 * batchSize) / (median * looksPerPicture);
}
