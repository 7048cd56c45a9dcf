/**
 * What does the sandbox add to a program's start, and how many trivial tests a second does the judge do?
 * (`true` in each launcher and in a bare spawn, in turns; then a compiled C++ program that adds two numbers)
 * Expected: 10 to 50 ms a start, several times a bare spawn, since namespaces and mounts are made anew for each; more
 * than 15 tests a second and core.
 * Run: npm run bench -- sandbox
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSandbox, type ProbeOptions, type Sandbox } from "../src/sandbox/index.ts";
import { openJudge } from "../src/systems/codeelo/judge/judge.ts";
import { findLanguage } from "../src/systems/codeelo/judge/languages.ts";
import { Problem } from "../src/systems/codeelo/schemas.ts";
import { spread } from "./lib/paired.ts";
import type { Benchmark, BenchOptions, Cell, Outcome } from "./lib/report.ts";

const kinds: [name: string, options: ProbeOptions][] = [
  ["unshare, C", { launcher: "unshare", init: "c", cgroups: false }],
  ["unshare, C, control groups", { launcher: "unshare", init: "c", cgroups: true }],
  ["bubblewrap, C", { launcher: "bubblewrap", init: "c", cgroups: false }],
  ["bubblewrap, C, control groups", { launcher: "bubblewrap", init: "c", cgroups: true }],
  ["unshare, Python", { launcher: "unshare", init: "python", cgroups: false }],
];

export const benchmark: Benchmark = {
  name: "sandbox",
  question: "What does the sandbox add to a program's start, and how many trivial tests a second does the judge do?",
  async run(options) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    await measureStarts(options, outcome);
    await measureJudge(options, outcome);
    outcome.remarks.push(
      "Starts take turns, one at a time; a ratio is taken between two that follow each other. Medians (min–max).",
      "The judge runs one test per core at a time; a test is the program's whole life and the check of its output.",
    );
    return outcome;
  },
};

async function measureStarts({ quick, note }: BenchOptions, { tables, remarks }: Outcome): Promise<void> {
  const contenders: [name: string, run: () => Promise<unknown>][] = [["bare spawn", spawnBare]];
  for (const [name, options] of kinds) {
    const sandbox = await openSandbox(options).catch((error: Error) => void remarks.push(`${name}: ${error.message}`));
    if (!sandbox) continue;
    if (options.cgroups && sandbox.report.level !== "B") remarks.push(`${name}: not to be had here`);
    else contenders.push([name, () => runTrue(sandbox)]);
  }
  note(`starts: ${contenders.length} contenders`);
  const times = new Map(contenders.map(([name]) => [name, [] as number[]]));
  const rounds = quick ? 5 : 60;
  for (let round = -2; round < rounds; round++) {
    for (const [name, run] of contenders) {
      const start = performance.now();
      await run();
      if (round >= 0) times.get(name)!.push(performance.now() - start); // the first rounds warm up
    }
  }
  const bare = times.get("bare spawn")!;
  const rows = [...times].map(([name, list]): Cell[] => {
    const p90 = list.toSorted((a, b) => a - b)[Math.floor(0.9 * list.length)]!;
    return [name, spread(list), p90, spread(list.map((ms, round) => ms / bare[round]!))];
  });
  tables.push({
    title: "Start of a program that does nothing",
    columns: ["way", "ms", "ms, 90th percentile", "× bare spawn"],
    rows,
  });
}

async function spawnBare(): Promise<void> {
  await once(spawn("/bin/true", { stdio: "ignore" }), "exit");
}

function runTrue(sandbox: Sandbox): Promise<unknown> {
  return sandbox.run({ command: ["/bin/true"] });
}

async function measureJudge({ quick, note }: BenchOptions, { tables, remarks, failures }: Outcome): Promise<void> {
  if (!(await findLanguage("cpp"))) return void remarks.push("No g++ here: the judge was not measured.");
  const count = quick ? 20 : 200;
  const problem = Problem.parse({
    id: "sum",
    tests: Array.from({ length: count }, (_, i) => ({ name: `${i}`, input: `${i} 1\n`, answer: `${i + 1}\n` })),
  });
  const source = '#include <cstdio>\nint main() { int a, b; if (scanf("%d %d", &a, &b) == 2) printf("%d\\n", a + b); }';
  const program = { language: "cpp" as const, source, files: {} };
  const rows: Cell[][] = [];
  for (const [name, options] of kinds) {
    note(`judge: ${name}`);
    const judge = await openJudge({ ...options, workers: 1 }).catch(() => undefined);
    if (!judge || (options.cgroups && judge.sandbox.report.level !== "B")) continue;
    await judge.compile(program);
    const rates: number[] = [];
    for (let round = 0; round < (quick ? 1 : 5); round++) {
      const start = performance.now();
      const { verdict } = await judge.judge(problem, program);
      if (verdict !== "OK") failures.push(`${name}: ${verdict}`);
      rates.push((1000 * count) / (performance.now() - start));
    }
    rows.push([name, spread(rates)]);
  }
  tables.push({ title: "A trivial C++ program, one worker", columns: ["way", "tests a second and core"], rows });
}
