/**
 * How many tokens a second does Polymath decode, beside llama.cpp and transformers.js on the same weights?
 * (float32, greedy; prompts of 16 tokens, answers of 64 and 32; the reasoner and a 110M-parameter Llama shape with random weights)
 * Expected: batch 16 at least 6 times batch 1; at batch 16 at least twice transformers.js; at batch 1 at least 0.7 of
 * llama.cpp.
 * Run: npm run bench -- decode-peers
 *
 * All decode the same weights: our GGUF export for llama.cpp, our ONNX export for transformers.js. Their first answers
 * must be ours, token for token, up to ties in rounding (decode-peers/agreement.ts); otherwise the benchmark fails.
 * llama.cpp with 8-bit weights, as its users run it, stands apart: those are other weights.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { compareAnswers } from "./decode-peers/agreement.ts";
import { answersFile, type Task } from "./decode-peers/contender.ts";
import type { GgufFormat } from "./decode-peers/gguf.ts";
import { type PreparedSubject, prepare, type Subject, subjects } from "./decode-peers/subjects.ts";
import { type ContenderProcess, openContender } from "./lib/contender.ts";
import { spread } from "./lib/paired.ts";
import type { Benchmark, BenchOptions, Outcome, Table } from "./lib/report.ts";

interface ContenderKind {
  name: string;
  program: "polymath" | "llama-cpp" | "transformers";
  /** llama.cpp only. */
  format?: GgufFormat;
}
const ours = "Polymath";
const contenders: ContenderKind[] = [
  { name: ours, program: "polymath" },
  { name: "llama.cpp", program: "llama-cpp", format: "f32" },
  { name: "transformers.js", program: "transformers" },
  { name: "llama.cpp q8_0", program: "llama-cpp", format: "q8_0" },
];
const hasOurWeights = ({ name, format = "f32" }: ContenderKind) => name !== ours && format === "f32";

export const benchmark: Benchmark = {
  name: "decode-peers",
  question: "How many tokens a second does Polymath decode, beside llama.cpp and transformers.js on the same weights?",
  async run(options) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    const batches = options.quick ? [1, 16] : [1, 16, 32];
    for (const subject of options.quick ? subjects.slice(0, 1) : subjects) {
      options.note(`${subject.name}: exporting`);
      const formats = contenders.flatMap(({ format }) => format ?? []);
      const prepared = await prepare(subject, Math.max(...batches), formats);
      try {
        await compareContenders(subject, prepared, batches, options, outcome);
      } finally {
        await prepared.remove();
      }
    }
    outcome.remarks = [...new Set(outcome.remarks)];
    outcome.remarks.push(
      "Tokens a second of all rows together, from the moment each row has its first token; reading prompts is not in it." +
        " Medians (min–max) of rounds; ratios are taken within a round, above 1 means Polymath is faster.",
      "Batches: Polymath takes them as prompts of one call, transformers.js as one batch of one `generate` call (equally" +
        " long prompts, hence no padding), llama.cpp as sequences of one context, which node-llama-cpp evaluates together.",
      "q8_0 is other weights, of about a quarter of the bytes; its answers are not compared.",
      "Peers run with one thread or with one per processor, whichever was faster in a trial before the first round;" +
        " Polymath decides by the model's size: one below 4M parameters. llama.cpp's threads wait for each other busily," +
        " so that others' work on the machine can slow two of them far below one.",
    );
    return outcome;
  },
};

/** Tokens per second of each round, by batch. */
type Rates = Map<number, number[]>;

async function compareContenders(
  subject: Subject,
  prepared: PreparedSubject,
  batches: number[],
  options: BenchOptions,
  outcome: Outcome,
): Promise<void> {
  const processes: ContenderProcess[] = [];
  const processors = availableParallelism();
  const taskOf = ({ name, format, program }: ContenderKind): Task => ({
    folder: prepared.folder,
    contender: name,
    batches,
    answerTokens: options.quick ? 16 : subject.answerTokens,
    threads: program === "polymath" ? [processors] : [...new Set([1, processors])],
    format,
  });
  try {
    for (const kind of contenders) {
      options.note(`${subject.name}: starting ${kind.name}`);
      const file = new URL(`./decode-peers/${kind.program}.ts`, import.meta.url);
      processes.push(
        await openContender(kind.name, file, [JSON.stringify(taskOf(kind))], { POLYMATH_DEVICE: "native" }),
      );
    }
    const rates = await takeTurns(processes, batches, options.quick ? 2 : subject.rounds, (round) =>
      options.note(`${subject.name}: round ${round}`),
    );
    const equal = new Map<string, string>();
    for (const kind of contenders.filter(hasOurWeights))
      equal.set(kind.name, await checkAnswers(subject, taskOf(contenders[0]!), taskOf(kind), outcome));
    outcome.tables.push(table(subject, rates, batches, equal));
    outcome.remarks.push(...processes.map(({ name, about }) => `${name}: ${about}`));
  } finally {
    for (const process of processes) process.close();
  }
}

/** One warm-up, whose answers are compared, then rounds in which each contender decodes each batch once. */
async function takeTurns(
  processes: ContenderProcess[],
  batches: number[],
  rounds: number,
  note: (round: number) => void,
): Promise<Map<string, Rates>> {
  const rates = new Map(processes.map(({ name }) => [name, new Map(batches.map((batch) => [batch, [] as number[]]))]));
  for (const process of processes) await process.run(0, batches.length);
  for (let round = 1; round <= rounds; round++) {
    note(round);
    for (const [place, batch] of batches.entries()) {
      const first = round % processes.length; // everyone goes first as often as the others
      for (const process of [...processes.slice(first), ...processes.slice(0, first)]) {
        const { values } = await process.run(round * batches.length + place, 1);
        rates.get(process.name)!.get(batch)!.push(values[0]!);
      }
    }
  }
  return rates;
}

function table({ name }: Subject, rates: Map<string, Rates>, batches: number[], equal: Map<string, string>): Table {
  const own = rates.get(ours)!;
  const ratio = (numerator: number[], denominator: number[]) =>
    spread(numerator.map((rate, round) => rate / denominator[round]!));
  const rows = [...rates].map(([contender, byBatch]) => [
    contender,
    ...batches.map((batch) => spread(byBatch.get(batch)!)),
    ...batches.map((batch) => (contender === ours ? "" : ratio(own.get(batch)!, byBatch.get(batch)!))),
    ratio(byBatch.get(16)!, byBatch.get(1)!),
    equal.get(contender) ?? "",
  ]);
  const columns = [
    "",
    ...batches.map((batch) => `batch ${batch}`),
    ...batches.map((batch) => `Polymath ÷ it, ${batch}`),
    "batch 16 ÷ batch 1",
    "greedy tokens equal ours",
  ];
  return { title: `${name}: tokens a second`, columns, rows };
}

/** @returns how many tokens are equal, in words; ties become remarks and other differences failures */
async function checkAnswers({ name }: Subject, own: Task, peer: Task, outcome: Outcome): Promise<string> {
  const read = (file: string): number[][] => JSON.parse(readFileSync(file, "utf8"));
  const prompts = read(join(own.folder, "prompts.json"));
  let equalCount = 0;
  let comparedCount = 0;
  for (const batch of own.batches) {
    const answers = [read(answersFile(own, batch)), read(answersFile(peer, batch))] as const;
    const { equal, ties, faults } = await compareAnswers(own.folder, prompts, ...answers);
    equalCount += equal;
    comparedCount += answers[0].flat().length;
    const label = `${name}, ${peer.contender}, batch ${batch}`;
    outcome.remarks.push(...ties.map((tie) => `${label}: a tie: ${tie}`));
    outcome.failures.push(...faults.map((fault) => `${label}: answers part: ${fault}`));
  }
  return `${equalCount} of ${comparedCount}`;
}
