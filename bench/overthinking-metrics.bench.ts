/**
 * How long do the overthinking metrics take over a large file, and does memory grow with it?
 * (traces of about 5 KB in the <think> form; cut, judged and clustered by rules; words for tokens)
 * Expected: 10,000 traces in at most 10 s on one core, and the same memory in use for four times the traces.
 * Run: npm run bench -- overthinking-metrics
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeJsonLines } from "../src/core/jsonl.ts";
import { Random } from "../src/core/random.ts";
import { spread } from "./lib/paired.ts";
import type { Benchmark, Outcome } from "./lib/report.ts";
import type { Measurement } from "./overthinking-metrics/measure.ts";

const run = promisify(execFile);
const allowedSeconds = 10;
/** Of what is in use over the larger file to the smaller one. */
const allowedGrowth = 1.2;

export const benchmark: Benchmark = {
  name: "overthinking-metrics",
  question: "How long do the overthinking metrics take over a large file, and does memory grow with it?",
  async run({ quick, note }) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    const sizes = quick ? [1000, 2000] : [2500, 10_000];
    const folder = await mkdtemp(join(tmpdir(), "polymath-bench-"));
    const rows = [];
    try {
      for (const count of sizes) {
        const file = join(folder, `${count}.jsonl`);
        note(`writing ${count} traces`);
        await writeJsonLines(file, traces(count));
        const { size } = await stat(file);
        const measured: Measurement[] = [];
        for (let round = 0; round < (quick ? 1 : 5); round++) {
          note(`analysing ${count} traces`);
          measured.push(await measure(file));
        }
        const [{ meanSolutions, traceCount }] = measured as [Measurement];
        if (traceCount !== count) outcome.failures.push(`${traceCount} of ${count} traces were analysed`);
        if (meanSolutions < 2) outcome.failures.push(`only ${meanSolutions} solutions a trace: the cuts were not made`);
        const seconds = spread(measured.map((one) => one.seconds));
        const processorSeconds = spread(measured.map((one) => one.processorSeconds));
        const liveMB = spread(measured.map((one) => one.liveMB));
        const residentMB = spread(measured.map((one) => one.residentMB));
        rows.push({ count, megabytes: size / 1e6, seconds, processorSeconds, liveMB, residentMB, meanSolutions });
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const [small, large] = rows as [(typeof rows)[number], (typeof rows)[number]];
    const growth = large.liveMB.median / small.liveMB.median;
    if (!quick && large.processorSeconds.median > allowedSeconds)
      outcome.failures.push(
        `${large.count} traces took ${large.processorSeconds.median.toFixed(1)} s of a processor, more than ${allowedSeconds}`,
      );
    if (growth > allowedGrowth)
      outcome.failures.push(`memory in use grew to ${growth.toFixed(2)} times the smaller file's`);
    outcome.tables.push({
      title: "Metrics by rules over one file",
      columns: ["traces", "MB", "seconds", "processor seconds", "MB in use", "MB resident", "solutions a trace"],
      rows: rows.map((row) => [
        String(row.count),
        row.megabytes,
        row.seconds,
        row.processorSeconds,
        row.liveMB,
        row.residentMB,
        row.meanSolutions,
      ]),
    });
    outcome.remarks.push(
      "Reading, cutting, judging, clustering, counting and intervals; without the start of Node, with a full collection per 1,000 traces.",
      "Processor seconds are those of all threads together: they say what a busy machine hides.",
    );
    return outcome;
  },
};

async function measure(file: string): Promise<Measurement> {
  const program = join(import.meta.dirname, "overthinking-metrics", "measure.ts");
  const { stdout } = await run(process.execPath, ["--expose-gc", program, file]);
  return JSON.parse(stdout);
}

/** Word problems solved two to six times in about 5 KB. */
function* traces(count: number) {
  const rng = new Random("bench-overthinking");
  for (let index = 0; index < count; index++) {
    const [boxes, inBox, price] = [rng.int(2, 40), rng.int(2, 60), rng.int(2, 9)];
    const answer = String(boxes * inBox * price);
    const solutions = Array.from({ length: rng.int(2, 6) }, (_, round) =>
      solution(rng, round, { boxes, inBox, price }),
    );
    let text = solutions.join("\n\n");
    while (text.length < 4600) text += `\n\n${ponder(rng)}`;
    yield {
      problem: `A shop has ${boxes} boxes with ${inBox} pens each. A pen costs $${price}. What are all pens worth?`,
      response: `<think>\n${text}\n</think>\n\nThe pens are worth \\boxed{${answer}}.`,
      expected_answer: answer,
      level: String(1 + (index % 5)),
    };
  }
}

const openings = [
  "Let me work through this.",
  "Wait, let me double-check that.",
  "Alternatively, I could multiply in another order.",
  "Let me verify it by a rough estimate.",
  "Hmm, let me recalculate to be sure.",
  "Actually, another way is to price one box first.",
];

function solution(
  rng: Random,
  round: number,
  { boxes, inBox, price }: { boxes: number; inBox: number; price: number },
) {
  const pens = boxes * inBox;
  const total = pens * price;
  return [
    openings[round],
    ponder(rng),
    `First the pens: there are ${boxes} boxes with ${inBox} pens in each of them, which makes ${boxes} * ${inBox} = ${pens} pens altogether.`,
    ponder(rng),
    `So all of them together are worth ${pens} * ${price} = ${total} dollars. So the answer is ${total}.`,
  ].join("\n\n");
}

const thoughts = [
  "The problem gives the number of boxes, the number of pens in a box and the price of a pen, and nothing else matters.",
  "No box is only half full, because the problem would have said so, and no pen is given away for nothing.",
  "The unit is dollars all along, so there is no conversion between cents and dollars to think about here.",
  "It might be easier to see with smaller numbers, but the multiplication is simple enough to be done directly.",
];

const ponder = (rng: Random): string => `${rng.choice(thoughts)} ${rng.choice(thoughts)}`;
