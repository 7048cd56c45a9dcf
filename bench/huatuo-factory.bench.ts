/**
 * How many questions a second and core does the factory's bookkeeping take on the embedded database?
 * (five stages, each a durable job with a stored result; a model that answers at once; seven questions in eight kept)
 * Expected: at least 200 questions per processor second; less with ledger and cache, which write two files a question.
 * Run: npm run bench -- huatuo-factory
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Measurement } from "./huatuo-factory/measure.ts";
import { spread } from "./lib/paired.ts";
import type { Benchmark, Outcome } from "./lib/report.ts";

const run = promisify(execFile);
const wanted = 200;

export const benchmark: Benchmark = {
  name: "huatuo-factory",
  question: "How many questions a second and core does the factory's bookkeeping take on the embedded database?",
  async run({ quick, note }) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    const count = quick ? 200 : 2000;
    const rows = [];
    for (const [account, title] of [
      ["bare", "stages, jobs and results"],
      ["account", "the same with ledger and cache"],
    ] as const) {
      const measured: Measurement[] = [];
      for (let round = 0; round < (quick ? 1 : 3); round++) {
        note(`${title}: ${count} questions`);
        measured.push(await measure(count, account));
      }
      if (measured.some(({ kept }) => kept !== (count * 7) / 8)) outcome.failures.push(`${title}: questions were lost`);
      const perSecond = spread(measured.map(({ processorSeconds }) => count / processorSeconds));
      const seconds = spread(measured.map((one) => one.seconds));
      const processorSeconds = spread(measured.map((one) => one.processorSeconds));
      rows.push([title, count, seconds, processorSeconds, perSecond]);
      if (!quick && account === "bare" && perSecond.median < wanted) {
        outcome.failures.push(`${Math.round(perSecond.median)} questions per processor second, fewer than ${wanted}`);
      }
    }
    outcome.tables.push({
      title: "Questions through the factory",
      columns: ["what", "questions", "seconds", "processor seconds", "questions per processor second"],
      rows,
    });
    outcome.remarks.push(
      "Processor seconds are those of all threads together: they say what a busy machine hides. Without the start of Node and of the database.",
    );
    return outcome;
  },
};

async function measure(count: number, account: string): Promise<Measurement> {
  const program = join(import.meta.dirname, "huatuo-factory", "measure.ts");
  const { stdout } = await run(process.execPath, [program, String(count), account]);
  return JSON.parse(stdout);
}
