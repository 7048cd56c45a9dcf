/** Runs of every kind that the studio shows, made by the commands themselves, in a folder of their own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Random } from "../src/core/random.ts";
import { openRun } from "../src/core/run.ts";
import { startMockServer } from "../src/endpoint/testing/index.ts";
import { makeContest } from "../src/systems/codeelo/rating/contest.fixtures.ts";
import { inventedRows, scriptedTeacher } from "../src/systems/huatuogpt-o1/teacher.fixtures.ts";
import { frontierPlan, frontierSections, runFrontier } from "../src/systems/lightningdit/index.ts";
import { root } from "./fixtures.ts";

/** Where a world lies: inputs beside `runs`. */
export interface World {
  folder: string;
  runs: string;
}

export function openWorld(folder: string): World {
  const runs = join(folder, "runs");
  mkdirSync(runs, { recursive: true });
  return { folder, runs };
}

/** Runs a command to its end. @returns the folder of its run */
export async function runIn({ folder, runs }: World, words: readonly string[]): Promise<string> {
  const before = new Set(readdirSync(runs));
  const env = { ...process.env, POLYMATH_RUNS: runs, NO_COLOR: "1" };
  const child = spawn(process.execPath, [join(root, "bin", "polymath.mjs"), ...words], { cwd: folder, env });
  let said = "";
  child.stderr.on("data", (piece) => {
    said += piece;
  });
  child.stdout.resume();
  const [code] = await once(child, "close");
  if (![0, 3, 4].includes(code)) throw new Error(`polymath ${words.join(" ")} ended with ${code}:\n${said}`);
  const made = readdirSync(runs).find((name) => !before.has(name) && name.includes(words[0]!));
  return join(runs, made!);
}

/** The id of a run by its folder. */
export const idOf = (dir: string): string => basename(dir).split("-").at(-1)!;

/** Responses in the published form: a right solution, checks of it, and for some a wrong start. */
export function tracesFile({ folder }: World, count = 12): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const [a, b] = [12 + index, 30 + 2 * index];
    const first = index % 4 === 3 ? a + b + 1 : a + b;
    const solutions = [
      `I add ${a} and ${b}. The tens first, then the ones. So the answer is ${first}.`,
      `Wait, let me check it by counting up from ${b}. That gives ${a + b}. So the answer is ${a + b}.`,
      `Let me verify it once more by taking ${a} away again: ${a + b} - ${a} = ${b}. So the answer is ${a + b}.`,
    ].slice(0, 2 + (index % 2));
    return {
      id: `sum-${index}`,
      problem: `What is ${a} + ${b}?`,
      response: `<think>\n${solutions.join("\n\n")}\n</think>\n\nThe answer is ${a + b}.`,
      expected_answer: String(a + b),
      level: 1 + (index % 3),
    };
  });
  const file = join(folder, `traces-${count}.jsonl`);
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join("\n"));
  return file;
}

const programs = [
  {
    title: "Double",
    tags: ["math"],
    right: "print(2 * int(input()))",
    wrong: "print(2 * int(input()) + 1)",
    io: ["4\n", "8\n"],
  },
  {
    title: "Largest",
    tags: ["greedy", "sortings"],
    right: "input()\nprint(max(map(int, input().split())))",
    wrong: "input()\nprint(max(map(int, input().split()[:-1])))",
    io: ["3\n1 2 9\n", "9\n"],
  },
  {
    title: "Vowels",
    tags: ["strings", "implementation"],
    right: "print(sum(c in 'aeiou' for c in input()))",
    wrong: "print(sum(c in 'aei' for c in input()))",
    io: ["outside\n", "4\n"],
  },
] as const;

/** Two models of different skill in the same two contests. */
export async function makeCodeElo(world: World): Promise<string[]> {
  const contests = join(world.folder, "contests");
  mkdirSync(contests, { recursive: true });
  const ids = ["1984", "1985"];
  const problems = ids.flatMap((id) =>
    programs.map(({ title, tags, io: [input, output] }, index) => ({
      problem_id: `${id}${"ABC"[index]}`,
      title: `${title} ${id}`,
      rating: 800 + 300 * index,
      tags,
      time_limit_ms: 2000,
      memory_limit_mb: 256,
      description: `Solve "${title}".`,
      examples: [{ input, output }],
    })),
  );
  for (const id of ids) writeFileSync(join(contests, `${id}.json`), JSON.stringify(makeContest(id)));
  const file = join(world.folder, "problems.jsonl");
  writeFileSync(file, problems.map((row) => JSON.stringify(row)).join("\n"));
  const server = await startMockServer({
    models: ["strong", "weak"],
    answer({ prompt, body, choice, key }) {
      const { right, wrong } = programs.find(({ title }) => prompt.includes(`# ${title} `))!;
      const luck = new Random(0).split(`${key} ${choice} ${body.seed}`).next();
      const source = luck < (body.model === "strong" ? 0.8 : 0.35) ? right : wrong;
      return `I read the input first.\n\n\`\`\`python\n${source}\n\`\`\``;
    },
  });
  try {
    const words = ["codeelo", "run", file, "--contests", contests, "--language", "python", "--attempts", "2"];
    const made: string[] = [];
    for (const model of ["strong", "weak"]) {
      made.push(await runIn(world, [...words, "--endpoint", server.url, "--model", model]));
    }
    return made;
  } finally {
    await server.close();
  }
}

/** Search and merge over problems whose answers a scripted teacher finds, some of them late. */
export async function makeHuatuo(world: World): Promise<{ search: string; merge: string }> {
  const rows = inventedRows(16);
  const file = join(world.folder, "questions.json");
  writeFileSync(file, JSON.stringify(rows));
  const server = await startMockServer(scriptedTeacher({ rows, isUnruly: true }));
  try {
    const model = ["--endpoint", server.url, "--model", "mock"];
    const search = await runIn(world, ["huatuo", "search", file, ...model, "--seed", "5"]);
    const merge = await runIn(world, ["huatuo", "merge", join(search, "searched.json"), ...model]);
    return { search, merge };
  } finally {
    await server.close();
  }
}

export interface CertaindexRuns {
  solved: string;
  recorded: string;
  /** Six programs in order of arrival, four a second. */
  benched: string;
  /** On the recorded run; eight questions let it promise very little. */
  calibrated: string;
}

/** The embedded model on questions of its world: stopped early with a shadow, once to the end, and under load. */
export async function makeCertaindex(world: World): Promise<CertaindexRuns> {
  const benched = await runIn(world, [
    ...["certaindex", "bench", "--orders", "fcfs"],
    ...["--rates", "4", "--programs", "6"],
  ]);
  const solved = await runIn(world, ["certaindex", "solve", "--count", "8", "--shadow", "1"]);
  const recorded = await runIn(world, ["certaindex", "solve", "--count", "8", "--policy", "none", "--record"]);
  const calibrated = await runIn(world, ["certaindex", "calibrate", recorded, "--delta", "0.5"]);
  return { solved, recorded, benched, calibrated };
}

/** A frontier of two points at its smallest, and a generator made by hand beside the runs; untrained, all of it. */
export async function makeLightningDit(world: World): Promise<{ frontier: string }> {
  const run = await openRun({ command: "lightningdit frontier", options: { seed: 0 }, root: world.runs });
  const usual = frontierPlan("quick", 0, 1);
  const measurements = await runFrontier(
    {
      ...usual,
      points: [
        { d: 4, arm: "unaligned" },
        { d: 8, arm: "aligned" },
      ],
      ...{ trainCount: 200, heldOutCount: 120, sampleCount: 96, samplePoints: 3 },
      ...{ features: { ...usual.features, steps: 6 }, judgeSteps: 6, tokenizerSteps: 6 },
      ...{ recipe: { ...usual.recipe, steps: 6 }, budgets: [3, 6], judgedAt: 6 },
    },
    {
      ...{ log: { info() {}, warn() {}, debug() {} }, dir: run.path("frontier"), signal: new AbortController().signal },
      progress: () => ({ update() {}, stop() {} }),
    },
  );
  await run.finish({ title: "Reconstruction and generation", sections: frontierSections(measurements!) });

  const [tokenizer, latents, generator] = ["tokenizer", "latents", "generator"].map((part) => `runs/mine/${part}`) as [
    string,
    string,
    string,
  ];
  const small = ["--d", "4", "--side", "16", "--steps", "3", "--count", "60", "--holdout", "16"];
  await runIn(world, ["lightningdit", "tokenizer", "train", ...small, "--out", tokenizer]);
  await runIn(world, ["lightningdit", "latents", "extract", tokenizer, "--count", "48", "--out", latents]);
  const short = ["--steps", "3", "--batch", "12"];
  await runIn(world, [
    ...["lightningdit", "dit", "train", "--latents", latents],
    ...["--tokenizer", tokenizer, ...short, "--out", generator],
  ]);
  // A copy whose weights are not those of its card.
  const broken = join(world.runs, "broken");
  cpSync(join(world.runs, "mine", "generator"), join(broken, "generator"), { recursive: true });
  const card = join(broken, "generator", "card.json");
  writeFileSync(card, JSON.stringify({ ...JSON.parse(readFileSync(card, "utf8")), sha256: "0".repeat(64) }));
  return { frontier: run.dir };
}
