/** Runs of every kind that the studio shows, made by the commands themselves, in a folder of their own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../src/core/random.ts";
import { startMockServer } from "../src/endpoint/testing/index.ts";
import { makeContest } from "../src/systems/codeelo/rating/contest.fixtures.ts";
import { inventedRows, scriptedTeacher } from "../src/systems/huatuogpt-o1/teacher.fixtures.ts";
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

/** Twelve responses in the published form: a right solution, checks of it, and for some a wrong start. */
export function tracesFile({ folder }: World): string {
  const rows = Array.from({ length: 12 }, (_, index) => {
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
  const file = join(folder, "traces.jsonl");
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

/** The embedded model on questions of its world: stopped early with a shadow, and once to the end. */
export async function makeCertaindex(world: World): Promise<{ solved: string; recorded: string }> {
  const solved = await runIn(world, ["certaindex", "solve", "--count", "8", "--shadow", "1"]);
  const recorded = await runIn(world, ["certaindex", "solve", "--count", "8", "--policy", "none", "--record"]);
  return { solved, recorded };
}
