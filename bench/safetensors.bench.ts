/**
 * What does it cost to load a 500 MB safetensors file: time, and peak memory of the process?
 * (float32 and bfloat16 files of equal size, loaded to float32; the file is in the page cache)
 * Expected: opening takes milliseconds whatever the size; loading everything is bound by memory copies, no slower than
 * reading the whole file at once; memory is the float32 result plus one tensor, where the baseline also holds the file.
 * Run: npm run bench -- safetensors
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { float32ToBfloat16, SafeTensor, writeSafetensors } from "../src/compute/safetensors/index.ts";
import { Random } from "../src/core/random.ts";
import { speedup, spread } from "./lib/paired.ts";
import type { Benchmark, Outcome, Table } from "./lib/report.ts";
import type { LoadMeasurement } from "./safetensors/load.ts";

const run = promisify(execFile);
const side = 1024; // each tensor is a square matrix, as in a model of that width
const readers = ["polymath", "readFile"] as const;

export const benchmark: Benchmark = {
  name: "safetensors",
  question: "What does it cost to load a 500 MB safetensors file?",
  async run({ quick, note }) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    const megabytes = quick ? 50 : 500;
    const folder = await mkdtemp(join(tmpdir(), "polymath-bench-"));
    try {
      for (const dtype of ["F32", "BF16"] as const) {
        const file = join(folder, `${dtype}.safetensors`);
        note(`writing ${megabytes} MB of ${dtype}`);
        const start = performance.now();
        await writeSample(file, dtype, megabytes * 1e6);
        const seconds = (performance.now() - start) / 1000;
        const { size } = await stat(file);
        outcome.remarks.push(`Writing the ${dtype} file, fsync included: ${(size / 1e6 / seconds).toFixed(0)} MB/s.`);
        note(`loading ${dtype}`);
        const { table, failures } = await compare(file, `${dtype}, ${(size / 1e6).toFixed(0)} MB`, quick ? 1 : 7);
        outcome.tables.push(table);
        outcome.failures.push(...failures);
        await rm(file);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const { allMB } = await measure("nothing", "");
    outcome.remarks.push(
      `Peak memory is the resident memory of the whole process; Node with our modules loaded and no file: ${allMB.toFixed(0)} MB.`,
      "readFile: the whole file by fs.readFile, float32 as views on it without a copy, bfloat16 by a loop.",
      "Ratios above 1 mean Polymath is faster.",
    );
    return outcome;
  },
};

async function writeSample(file: string, dtype: "F32" | "BF16", bytes: number): Promise<void> {
  const rng = new Random("bench-safetensors");
  const values = Float32Array.from({ length: side * side }, () => rng.normal());
  const matrix =
    dtype === "F32"
      ? SafeTensor.from(values, [side, side])
      : SafeTensor.from(float32ToBfloat16(values), [side, side], dtype);
  const count = Math.ceil(bytes / matrix.byteLength);
  await writeSafetensors(
    file,
    new Map(Array.from({ length: count }, (_, layer) => [`layers.${layer}.weight`, matrix])),
  );
}

async function compare(file: string, title: string, rounds: number): Promise<{ table: Table; failures: string[] }> {
  const measured = { polymath: [] as LoadMeasurement[], readFile: [] as LoadMeasurement[] };
  for (let round = 0; round < rounds; round++)
    for (const reader of round % 2 === 0 ? readers : readers.toReversed())
      measured[reader].push(await measure(reader, file));

  const sums = new Set(readers.flatMap((reader) => measured[reader].map(({ sum }) => sum)));
  const failures =
    sums.size === 1 ? [] : [`${title}: the readers disagree on the elements: sums ${[...sums].join(", ")}`];
  const column = (reader: (typeof readers)[number], key: keyof LoadMeasurement) =>
    measured[reader].map((one) => one[key]);
  const row = (label: string, time: keyof LoadMeasurement, memory: keyof LoadMeasurement) => [
    label,
    ...readers.map((reader) => spread(column(reader, time))),
    speedup(column("polymath", time), column("readFile", time)),
    ...readers.map((reader) => spread(column(reader, memory)).median),
  ];
  const table: Table = {
    title,
    columns: ["until there are", "Polymath ms", "readFile ms", "× readFile", "Polymath peak MB", "readFile peak MB"],
    rows: [
      row("names and shapes", "openMs", "openMB"),
      row("one tensor", "oneMs", "oneMB"),
      row("everything", "allMs", "allMB"),
    ],
  };
  return { table, failures };
}

async function measure(reader: string, file: string): Promise<LoadMeasurement> {
  const program = join(import.meta.dirname, "safetensors", "load.ts");
  const { stdout } = await run(process.execPath, [program, reader, file]);
  return JSON.parse(stdout);
}
