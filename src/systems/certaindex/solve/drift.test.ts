import { expect, suite, test } from "vitest";
import { createProgress } from "../../../core/progress.ts";
import type { Question } from "../programs/index.ts";
import { selfConsistency } from "../programs/index.ts";
import { plainPrompting, policyOf, scriptedEndpoint } from "../programs/scripted.fixtures.ts";
import type { SolvedQuestion, SolveJournal } from "./journal.ts";
import { policyOffWarning, solveAll } from "./solve.ts";

/** Until question 200 five that agree are right; after that they are always wrong, and twenty would tell. */
const driftAt = 200;

function driftingModel() {
  const calls = new Map<string, number>();
  return scriptedEndpoint(({ text }) => {
    const count = (calls.get(text) ?? 0) + 1;
    calls.set(text, count);
    const isMisled = Number(/\d+/.exec(text)![0]) >= driftAt && count <= 5;
    return `the answer ${isMisled ? 3 : 7}`;
  });
}

async function solve(count: number, allowed?: number, earlier: readonly SolvedQuestion[] = []) {
  const questions: Question[] = Array.from({ length: count }, (_, i) => ({
    id: `q${i}`,
    text: `Question ${i}:`,
    target: "7",
  }));
  const warnings: string[] = [];
  const journal: SolveJournal = {
    solved: new Map(earlier.map((one) => [one.index, one])),
    ...{ elapsed: 0, add: () => {}, trace: () => {}, close: () => {} },
  };
  const solved = await solveAll(
    {
      questions,
      program: selfConsistency(),
      runtime: {
        endpoint: driftingModel(),
        prompting: plainPrompting,
        policy: policyOf({ algorithm: "static", detectAt: 5, cap: 20, thresholds: { entropy: 0.7 } }),
        sampling: { maxTokens: 50, temperature: 1 },
      },
      programCount: 1,
      shadow: 0.1,
      ...(allowed !== undefined && { allowed }),
    },
    {
      journal,
      signal: new AbortController().signal,
      progress: createProgress({ label: "", stream: { write: () => {} } }),
      log: { warn: (event) => void warnings.push(event) },
    },
  );
  return { solved: solved!, warnings };
}

suite("drift", () => {
  test("shadows notice that stops have become wrong, and turn the policy off: the rest have the full budget", async () => {
    const { solved, warnings } = await solve(500, 0.02);
    const off = solved.findIndex(({ isPolicyOff }) => isPolicyOff);
    expect(off).toBeGreaterThan(driftAt);
    expect(off).toBeLessThan(driftAt + 200);
    expect(warnings).toEqual([policyOffWarning]);
    expect(solved[off - 1]).toMatchObject({ answer: "3", reason: "settled" });
    for (const one of solved.slice(off)) expect(one).toMatchObject({ answer: "7", correct: true, knob: 20 });
  });

  test("without a share that is allowed nothing is turned off", async () => {
    const { solved, warnings } = await solve(260);
    expect(solved.at(-1)).toMatchObject({ answer: "3", correct: false, reason: "settled" });
    expect(warnings).toEqual([]);
  });

  test("a resumed run remembers what the shadows saw", async () => {
    const { solved } = await solve(500, 0.02);
    const off = solved.findIndex(({ isPolicyOff }) => isPolicyOff);
    const resumed = await solve(500, 0.02, solved.slice(0, off));
    expect(resumed.solved[off]).toMatchObject({ isPolicyOff: true, knob: 20 });
  });
});
