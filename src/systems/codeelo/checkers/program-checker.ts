/**
 * Checkers that are programs: testlib binaries, Kattis validators, and a function `check` in Python or JavaScript.
 * They run in the sandbox like submissions do; a checker that crashes, hangs or answers nonsense breaks the problem,
 * and says nothing about the program.
 */
import type { Outcome } from "../../../sandbox/index.ts";
import type { Executable } from "../judge/compile.ts";
import type { Checker, Program } from "../schemas.ts";
import { type CheckResult, right, wrong } from "./compare.ts";

type ProgramChecker = Extract<Checker, { kind: "testlib" | "kattis" | "python" | "javascript" }>;

/** The source to compile for a checker. */
export function checkerProgram(checker: ProgramChecker): Program {
  if (checker.kind === "python") return { language: "python", source: `${checker.source}\n${pythonFrame}`, files: {} };
  if (checker.kind === "javascript") {
    return { language: "javascript", source: `${checker.source}\n${javascriptFrame}`, files: {} };
  }
  return checker.program;
}

/** Each prints one line of JSON after a mark, so that prints of the checker's own do no harm. */
const mark = "\u0001check ";
const pythonFrame = String.raw`
import json as _json
_read = lambda name: open(name, encoding="utf-8", errors="replace").read()
_result = check(_read("input"), _read("output"), _read("answer"))
_pair = list(_result) if isinstance(_result, (tuple, list)) else [_result, ""]
print("\n\u0001check " + _json.dumps([float(_pair[0]), str(_pair[1])]))
`;
const javascriptFrame = String.raw`
;{
  const read = (name) => require("node:fs").readFileSync(name, "utf8");
  const result = check(read("input"), read("output"), read("answer"));
  const [share, message] = Array.isArray(result) ? result : [result, ""];
  console.log("\n\u0001check " + JSON.stringify([Number(share), String(message ?? "")]));
}
`;

export interface CheckTexts {
  input: string;
  output: string | Buffer;
  answer: string;
}

/** Judges one output. */
export async function checkByProgram(
  checker: ProgramChecker,
  executable: Executable,
  { input, output, answer }: CheckTexts,
): Promise<CheckResult> {
  const isKattis = checker.kind === "kattis";
  const outcome = await executable.run({
    args: isKattis ? ["input", "answer", "feedback", ...checker.flags] : ["input", "output", "answer"],
    files: [
      { path: "input", data: input },
      { path: "answer", data: answer },
      isKattis ? { path: "feedback/.keep", data: "" } : { path: "output", data: output },
    ],
    stdin: isKattis ? output : "",
    fetch: isKattis ? feedbackFiles : {},
    limits: { cpuMs: 10_000, fileBytes: 256 * 2 ** 20 },
    memoryBytes: 512 * 2 ** 20,
  });
  switch (checker.kind) {
    case "testlib":
      return readTestlib(outcome);
    case "kattis":
      return readKattis(outcome);
    default:
      return readFunction(outcome);
  }
}

/** Exit codes of testlib.h; the message is on standard error, points begin it. */
export function readTestlib(outcome: Outcome): CheckResult {
  const words = firstLine(outcome.stderr);
  if (outcome.status !== "exited") return broken(outcome);
  switch (outcome.exitCode) {
    case 0:
      return { ...right, message: words };
    case 1:
    case 8: // the output ends early
      return wrong(words);
    case 2:
      return wrong(words || "the output is not in the required form");
    case 4:
      return { verdict: "PRESENTATION_ERROR", share: 0, message: words || "something stands after the end" };
    case 5:
    case 7: {
      const points = Number(/-?\d+(\.\d+)?/.exec(words)?.[0] ?? Number.NaN);
      return Number.isFinite(points) ? shared(points > 1 ? points / 100 : points, words) : broken(outcome);
    }
    default:
      return broken(outcome);
  }
}

const feedbackFiles = {
  "feedback/judgemessage.txt": 65536,
  "feedback/teammessage.txt": 65536,
  "feedback/score.txt": 1024,
};

/** Kattis: exit code 42 accepts, 43 rejects; everything else is the validator's fault. */
export function readKattis(outcome: Outcome): CheckResult {
  const text = (name: string) => outcome.files.get(`feedback/${name}`)?.toString().trim() ?? "";
  const message = text("judgemessage.txt") || text("teammessage.txt");
  if (outcome.status !== "exited") return broken(outcome);
  if (outcome.exitCode === 43) return wrong(message);
  if (outcome.exitCode !== 42) return broken(outcome);
  const score = Number(text("score.txt") || "1");
  return Number.isFinite(score) && score < 1 ? shared(score, message) : { ...right, message };
}

function readFunction(outcome: Outcome): CheckResult {
  const output = outcome.stdout.toString();
  const at = output.lastIndexOf(mark);
  if (outcome.status !== "exited" || outcome.exitCode !== 0 || at === -1) return broken(outcome);
  try {
    const [share, message] = JSON.parse(output.slice(at + mark.length).split("\n")[0]!);
    return typeof share === "number" ? shared(share, message) : broken(outcome);
  } catch {
    return broken(outcome);
  }
}

function shared(share: number, message: string): CheckResult {
  if (share >= 1) return { ...right, message };
  if (share > 0) return { verdict: "WRONG_ANSWER", share, message };
  return wrong(message);
}

function broken({ status, exitCode, signal, stderr }: Outcome): CheckResult {
  const end = status === "exited" ? `exit code ${exitCode}` : (signal ?? status);
  return { verdict: "FAILED", share: 0, message: `the checker broke: ${end} ${firstLine(stderr, true)}`.trim() };
}

/** Of a traceback, the last line says what happened. */
function firstLine(stderr: Buffer, last = false): string {
  const lines = stderr.toString().trim().split("\n");
  return (last ? lines.at(-1)! : lines[0]!).slice(0, 300);
}
