/**
 * How many times as fast as TensorFlow.js does the image tokenizer train, and encode and decode, on each executor?
 * (float32; the tokenizer of `polymath train marks`: pictures of 32 x 32 pixels as a 4 x 4 grid of patches, width 64,
 * 16 latent channels, batch 32; L1 and KL, without the vision-foundation loss and without the average of the weights)
 * Expected: in training, native at least 3 times as fast as TensorFlow.js on WebAssembly as an application gets it in Node,
 * and twice as fast as the fastest form of it that we found.
 * Run: npm run bench -- tokenizer-step
 *
 * Both sides start from the same weights and see the same batches; the losses of the first steps (of encoding and
 * decoding: the mean absolute differences from the pictures), per number of a picture, must agree to 1e-3. One step goes
 * before them and shows the memory. Each side is a process of its own, and they take turns (lib/paired.ts).
 */
import { type ContenderProcess, openContender } from "./lib/contender.ts";
import { executors } from "./lib/executors.ts";
import { largestDifference, measurePaired, speedup, spread } from "./lib/paired.ts";
import type { Benchmark, BenchOptions, Outcome, Table } from "./lib/report.ts";
import { batchSize, flopForward } from "./tokenizer-step/task.ts";

type Mode = "train" | "reconstruct";

const tolerance = 1e-3;
const peers = { "TensorFlow.js": "plain", "TensorFlow.js, helped": "helped", "TensorFlow.js, threads": "threads" };

export const benchmark: Benchmark = {
  name: "tokenizer-step",
  question: "How many times as fast as TensorFlow.js does the image tokenizer train, and encode and decode?",
  async run(options) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    for (const mode of ["train", "reconstruct"] as const) {
      const contenders = await openAll(mode, options);
      try {
        const { table, failures } = await compare(mode, contenders, options);
        outcome.tables.push(table);
        outcome.failures.push(...failures);
      } finally {
        for (const contender of contenders) contender.close();
      }
      outcome.remarks.push(...contenders.map(({ name, about }) => `${mode}, ${name}: ${about}`));
    }
    outcome.remarks.push(
      "Times are medians (min–max) of rounds; ratios are taken within a round, above 1 means Polymath is faster.",
      "TensorFlow.js: what an application gets in Node. Helped: with a faster gradient of convolutions" +
        " (bench/tokenizer-step/tfjs-input-gradient.ts), which decoding has no use for. Threads: helped, and with a" +
        " thread per processor.",
      "GFLOP/s counts convolutions only, the backward pass as twice the forward. Memory is the largest resident memory of" +
        " the whole process, Node and the loaded modules included.",
    );
    return outcome;
  },
};

async function openAll(mode: Mode, { note }: BenchOptions): Promise<ContenderProcess[]> {
  const contenders: ContenderProcess[] = [];
  for (const device of await executors()) {
    note(`${mode}: starting ${device}`);
    const file = new URL("./tokenizer-step/ours.ts", import.meta.url);
    contenders.push(await openContender(device, file, [mode], { POLYMATH_DEVICE: device }));
  }
  for (const [name, help] of Object.entries(peers)) {
    note(`${mode}: starting ${name}`);
    contenders.push(await openContender(name, new URL("./tokenizer-step/tfjs.ts", import.meta.url), [mode, help]));
  }
  return contenders;
}

async function compare(
  mode: Mode,
  contenders: ContenderProcess[],
  { quick, note }: BenchOptions,
): Promise<{ table: Table; failures: string[] }> {
  note(`${mode}: ${contenders.length} contenders in turn`);
  const sizes = { checkSteps: 5, rounds: 7, stepsPerRound: 2 }; // WebAssembly takes seconds for a step
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
    const { median } = spread(ms);
    const picturesPerSecond = (1000 * batchSize) / median;
    return [name, spread(ms), flop / median / 1e6, picturesPerSecond, ...ratios, difference.toExponential(1)];
  });
  const table: Table = {
    title: mode === "train" ? "A training step (AdamW)" : "Encoding and decoding a batch",
    columns: [
      "",
      "ms",
      "GFLOP/s",
      "pictures/s",
      "× TensorFlow.js",
      "× helped",
      "× threads",
      `difference, first ${reference.length} steps`,
    ],
    rows,
  };
  return { table, failures };
}
