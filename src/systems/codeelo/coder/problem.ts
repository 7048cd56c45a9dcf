/** From the world's tasks to what the judge judges: problems with tests, and whole Python programs. */
import { Random } from "../../../core/random.ts";
import type { Problem, Program, TestCase } from "../schemas.ts";
import { solveTask, statementOf, type Task } from "./task.ts";

/** Lists in the hidden test: one start of the interpreter serves them all, as in Codeforces's multi-tests. */
const listCount = 40;

/** The task as a problem: a sample of three lists, and a hidden test of many. The seed is the statement. */
export function problemOf(task: Task): Problem {
  const statement = statementOf(task);
  const rng = new Random(`coder tests/${statement}`);
  const sample = Array.from({ length: 3 }, () => drawList(rng));
  // Edges first: a single element, equal ones, digits only, signs only.
  const edges = [[0], [7], [-4], [5, 5, 5, 5], [-3, -3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [-9, -8, -2, -1]];
  const hidden = [...edges, ...Array.from({ length: listCount - edges.length }, () => drawList(rng))];
  return {
    id: statement,
    title: statement.slice(0, -1),
    statement: `For each list \`a\` print: ${statement.slice(0, -1)}.\n`,
    tags: [],
    timeLimitMs: 2000,
    memoryLimitMb: 256,
    outputLimitMb: 1,
    tests: [testOf("01", task, sample, true), testOf("02", task, hidden, false)],
    checker: { kind: "tokens", caseSensitive: true },
    subtasks: [],
    solutions: [],
    notes: [],
  };
}

function drawList(rng: Random): number[] {
  const reach = rng.choice([9, 9, 20]);
  return Array.from({ length: rng.int(1, 12) }, () => rng.int(-reach, reach));
}

function testOf(name: string, task: Task, lists: readonly (readonly number[])[], isSample: boolean): TestCase {
  const input = [lists.length, ...lists.map((list) => `${list.length}\n${list.join(" ")}`)].join("\n");
  return { name, input: `${input}\n`, answer: lists.map((list) => `${solveTask(task, list)}\n`).join(""), isSample };
}

/** What the model wrote, inside the loop that reads the lists. */
export function pythonProgramOf(body: string): Program {
  const lines = ["for _ in range(int(input())):", "    input()", "    a = list(map(int, input().split()))"];
  const source = [...lines, ...body.split("\n").map((line) => `    ${line}`)].join("\n");
  return { language: "python", source: `${source}\n`, files: {} };
}
