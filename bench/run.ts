/**
 * Runs benchmarks one after the other: `npm run bench -- [name…] [--quick] [--json FILE] [--peak-gflops N]`.
 * Progress goes to stderr, tables to stdout; `--json` keeps the results in a file, which render.ts turns into the
 * README's tables. Exit code 1 when an expectation that must hold (such as equal losses) does not.
 */
import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import ort from "onnxruntime-node";
import { gitRevision, versions } from "../src/core/version.ts";
import { describeMachine, machineLine } from "./lib/machine.ts";
import { type Benchmark, keepResults, type Result, textTable } from "./lib/report.ts";

const folder = import.meta.dirname;
const suffix = ".bench.ts";
const known = readdirSync(folder)
  .filter((file) => file.endsWith(suffix))
  .map((file) => file.slice(0, -suffix.length));

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, json: { type: "string" }, "peak-gflops": { type: "string" } },
});
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark "${unknown[0]}". There are: ${known.join(", ")}.`);
  process.exit(2);
}

const peakGflops = flags["peak-gflops"] === undefined ? undefined : Number(flags["peak-gflops"]);
const results: Result[] = [];
for (const name of positionals.length > 0 ? positionals : known) {
  const { benchmark }: { benchmark: Benchmark } = await import(`./${name}${suffix}`);
  console.error(`\n${name}: ${benchmark.question}`);
  const machine = describeMachine();
  if (machine.loadBefore > machine.processors / 4)
    console.error(`  The machine is busy (load ${machine.loadBefore}): times come out too long, ratios less exact.`);
  const note = (line: string) => console.error(`  ${line}`);
  const outcome = await benchmark.run({ quick: flags.quick, peakGflops, note });
  const result = {
    name,
    question: benchmark.question,
    quick: flags.quick,
    date: new Date().toISOString(),
    machine,
    versions: {
      ...versions(),
      "onnxruntime-node": ort.env.versions.node ?? "unknown",
      revision: gitRevision() ?? "unknown",
    },
    ...outcome,
  };
  results.push(result);
  print(result);
  if (flags.json) await keepResults(flags.json, [result]); // at once: a later benchmark may fail
}
process.exit(results.some(({ failures }) => failures.length > 0) ? 1 : 0);

function print({ name, question, machine, tables, remarks, failures }: Result): void {
  console.log(`\n${name}: ${question}\n${machineLine(machine)}\n`);
  for (const table of tables) console.log(`${textTable(table)}\n`);
  for (const remark of remarks) console.log(`- ${remark}`);
  for (const failure of failures) console.log(`FAILED: ${failure}`);
}
