/**
 * How many tokens a second does generation write, and how many does training read?
 * (Llama-shaped decoders, float32: the reasoner of 0.45M parameters, 1M, 10M and 110M; 16 tokens of prompt, 64 of
 * answer, temperature 1; training on rows of 128 tokens)
 * Expected: 16 rows at a time write at least six times as many tokens a second as one, because a step at batch 1 is
 * bound by the cost of a call in a small model, and by reading the weights in a large one; from 16 to 32 the gain
 * shrinks as the products fill the processors.
 * Run: npm run bench -- decode
 */

import { models } from "./decode/models.ts";
import { openContender } from "./lib/contender.ts";
import { executors } from "./lib/executors.ts";
import { largestDifference, measurePaired, spread } from "./lib/paired.ts";
import type { Benchmark, BenchOptions, Cell, Outcome } from "./lib/report.ts";

const answerTokens = 64;
const rowLength = 128;
const trained = new Set(["1M", "10M"]);
const small = new Set(["reasoner", "1M"]);
/** Large models take minutes elsewhere. */
const onlyNative = new Set(["110M"]);

export const benchmark: Benchmark = {
  name: "decode",
  question: "How many tokens a second does generation write, and does training read?",
  async run(options) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    const names = options.quick ? ["reasoner"] : Object.keys(models);
    const batches = options.quick ? [1, 16] : [1, 16, 32];
    const written: Cell[][] = [];
    const read: Cell[][] = [];
    for (const modelName of names) {
      const byDevice = new Map<string, Cell[]>();
      for (const batch of batches) {
        options.note(`${modelName}: generating at batch ${batch}`);
        for (const [device, tokensPerSecond] of await generationRates(modelName, batch, options, outcome))
          byDevice.set(device, [...(byDevice.get(device) ?? []), tokensPerSecond]);
      }
      for (const [device, rates] of byDevice) {
        const [one, sixteen] = rates as ReturnType<typeof spread>[];
        written.push([modelName, device, ...rates, sixteen!.median / one!.median]);
      }
      if (!trained.has(modelName)) continue;
      options.note(`${modelName}: training`);
      const rows = modelName === "1M" ? 32 : 8;
      for (const [device, tokensPerSecond] of await trainingRates(modelName, rows, options, outcome))
        read.push([modelName, device, `${rows} x ${rowLength}`, tokensPerSecond]);
    }
    const title = "Generation: tokens a second, all rows together, reading the prompts included";
    outcome.tables.push({
      title,
      columns: ["model", "executor", ...batches.map((batch) => `batch ${batch}`), "16 to 1"],
      rows: written,
    });
    outcome.tables.push({
      title: "Supervised fine-tuning: tokens a second",
      columns: ["model", "executor", "tokens a step", "tokens/s"],
      rows: read,
    });
    outcome.remarks.push("Weights are random; no answer ends before its last token. Medians (min–max) of rounds.");
    return outcome;
  },
};

type Rates = Map<string, ReturnType<typeof spread>>;

async function generationRates(
  modelName: string,
  batch: number,
  { quick }: BenchOptions,
  outcome: Outcome,
): Promise<Rates> {
  const tokens = quick ? 16 : answerTokens;
  const program = new URL("./decode/generate.ts", import.meta.url);
  const args = [modelName, `${batch}`, `${tokens}`];
  return measure(program, args, batch * tokens, quick ? 2 : 5, (values, device) => {
    if (values.some((count) => count !== batch * tokens))
      outcome.failures.push(`${modelName}, batch ${batch}, ${device}: wrote ${values} tokens, not ${batch * tokens}`);
  });
}

async function trainingRates(
  modelName: string,
  rows: number,
  { quick }: BenchOptions,
  outcome: Outcome,
): Promise<Rates> {
  const program = new URL("./decode/sft-step.ts", import.meta.url);
  return measure(
    program,
    [modelName, `${rows}`, `${rowLength}`],
    rows * rowLength,
    quick ? 2 : 5,
    (values, device, first) => {
      const difference = largestDifference(values, first);
      if (!(difference <= 1e-3))
        outcome.failures.push(`${modelName}, training, ${device}: losses differ by ${difference}`);
    },
  );
}

async function measure(
  program: URL,
  args: string[],
  tokensPerStep: number,
  rounds: number,
  check: (values: number[], device: string, first: number[]) => void,
): Promise<Rates> {
  const contenders = [];
  const devices = (await executors()).filter((device) => device === "native" || !onlyNative.has(args[0]!));
  try {
    for (const device of devices)
      contenders.push(await openContender(device, program, args, { POLYMATH_DEVICE: device }));
    // A step of a small model is over before the code around it is compiled and a few of them are no measurement.
    const [checkSteps, stepsPerRound] = small.has(args[0]!) && rounds > 2 ? [8, 4] : [1, 1];
    const { times, values } = await measurePaired(contenders, { checkSteps, rounds, stepsPerRound });
    const [first] = values.values();
    for (const [device, own] of values) check(own, device, first!);
    return new Map([...times].map(([device, ms]) => [device, spread(ms.map((one) => (1000 * tokensPerStep) / one))]));
  } finally {
    for (const contender of contenders) contender.close();
  }
}
