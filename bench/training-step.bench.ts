/**
 * How many times as fast as TensorFlow.js is one AdamW training step, on each executor?
 * (float32; decoders of 0.4M and 10M parameters at batch 16 x 64 tokens, a convolutional autoencoder of 16 images)
 * Expected: native at least 3 times as fast as TensorFlow.js on WebAssembly in Node, for each model.
 * Run: npm run bench -- training-step
 *   on a graphics card: npm run bench -- training-step --peak-gflops <the card's float32 peak>
 *
 * Both sides start from the same weights and see the same batches; the losses of the first steps must agree to 1e-3,
 * otherwise the benchmark fails. Each side is a process of its own, and they take turns (lib/paired.ts).
 */
import { type ContenderProcess, openContender } from "./lib/contender.ts";
import { executors } from "./lib/executors.ts";
import { largestDifference, measurePaired, speedup, spread } from "./lib/paired.ts";
import type { Benchmark, BenchOptions, Outcome, Table } from "./lib/report.ts";
import { flopPerStep, parameterCount, tasks } from "./training-step/tasks.ts";

const lossTolerance = 1e-3;
const peers = { "TensorFlow.js": "plain", "TensorFlow.js, helped": "helped" };

export const benchmark: Benchmark = {
  name: "training-step",
  question: "How many times as fast as TensorFlow.js is one AdamW training step?",
  async run(options) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    const names = options.quick ? ["decoder-0.4M", "autoencoder"] : Object.keys(tasks);
    const abouts = new Set<string>();
    for (const taskName of names) {
      const contenders = await openAll(taskName, await executors(), options);
      for (const { name, about } of contenders) abouts.add(`${name}: ${about}`);
      try {
        const { table, remarks, failures } = await compare(taskName, contenders, options);
        outcome.tables.push(table);
        outcome.remarks.push(...remarks);
        outcome.failures.push(...failures);
      } finally {
        for (const contender of contenders) contender.close();
      }
    }
    outcome.remarks.push(
      ...abouts,
      "Times are medians (min–max) of rounds; ratios are taken within a round, above 1 means Polymath is faster.",
      "GFLOP/s counts matrix products and convolutions only, the backward pass as twice the forward.",
      "TensorFlow.js: what an application gets in Node. Helped: with threads, which it turns off in Node, and with" +
        " transposed operands copied before products, which its kernel is slow at (bench/training-step/tfjs-kernels.ts).",
    );
    return outcome;
  },
};

async function openAll(taskName: string, devices: string[], { note }: BenchOptions): Promise<ContenderProcess[]> {
  const contenders: ContenderProcess[] = [];
  for (const device of devices) {
    note(`${taskName}: starting ${device}`);
    const file = new URL("./training-step/ours.ts", import.meta.url);
    contenders.push(await openContender(device, file, [taskName], { POLYMATH_DEVICE: device }));
  }
  for (const [name, mode] of Object.entries(peers)) {
    note(`${taskName}: starting ${name}`);
    contenders.push(await openContender(name, new URL("./training-step/tfjs.ts", import.meta.url), [taskName, mode]));
  }
  return contenders;
}

async function compare(
  taskName: string,
  contenders: ContenderProcess[],
  { quick, peakGflops, note }: BenchOptions,
): Promise<{ table: Table; remarks: string[]; failures: string[] }> {
  const task = tasks[taskName]!;
  const large = parameterCount(task) > 2e6;
  const sizes = large
    ? { checkSteps: 3, rounds: 5, stepsPerRound: 1 }
    : { checkSteps: 10, rounds: 9, stepsPerRound: 5 };
  note(`${taskName}: ${contenders.length} contenders in turn`);
  const { times, values } = await measurePaired(
    contenders,
    quick ? { checkSteps: 3, rounds: 2, stepsPerRound: 1 } : sizes,
  );

  const peerNames = Object.keys(peers);
  const reference = values.get(peerNames[0]!)!;
  const remarks: string[] = [];
  const failures: string[] = [];
  const rows = contenders.map(({ name }) => {
    const ms = times.get(name)!;
    const difference = largestDifference(values.get(name)!, reference);
    if (!(difference <= lossTolerance))
      failures.push(
        `${taskName}, ${name}: losses differ from TensorFlow.js by ${difference}, more than ${lossTolerance}`,
      );
    const gflops = flopPerStep(task) / spread(ms).median / 1e6;
    if (name === "webgpu" && peakGflops)
      remarks.push(`${taskName}: webgpu reaches ${((100 * gflops) / peakGflops).toFixed(1)} % of the card's peak.`);
    const ratios = peerNames.map((peer) => (peerNames.includes(name) ? "" : speedup(ms, times.get(peer)!)));
    return [name, spread(ms), gflops, ...ratios, difference.toExponential(1)];
  });
  const table: Table = {
    title: `${taskName} (${(parameterCount(task) / 1e6).toFixed(2)}M parameters, ${(flopPerStep(task) / 1e9).toFixed(2)} GFLOP a step)`,
    columns: [
      "",
      "ms a step",
      "GFLOP/s",
      "× TensorFlow.js",
      "× helped",
      `loss difference, first ${reference.length} steps`,
    ],
    rows,
  };
  return { table, remarks, failures };
}
