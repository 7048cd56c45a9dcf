/** `certaindex solve` on real questions, as a process: three data sets, and a run that is killed in its middle. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, onTestFinished, suite, test } from "vitest";
import { readQuestions } from "../src/systems/certaindex/datasets.ts";
import { kindOf, startQuizServer } from "../src/systems/certaindex/solve/quiz-server.fixtures.ts";
import { polymath, root } from "./fixtures.ts";

const data = join(root, "../shared/data");
const isMissing = !existsSync(data);
if (isMissing) console.info("certaindex: ../shared/data is missing, so solve is not tested on real questions");

const folder = mkdtempSync(join(tmpdir(), "certaindex-solve-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A group of its own, so that a kill reaches the process that works and not only the one that started it. */
function start(words: string[], cwd: string): ChildProcess {
  const env = { ...process.env, POLYMATH_RUNS: join(cwd, "runs") };
  const command = [join(root, "bin", "polymath.mjs"), ...words];
  return spawn(process.execPath, command, { cwd, env, stdio: "ignore", detached: true });
}

async function finish(words: string[], cwd: string): Promise<void> {
  const [code] = await once(start(words, cwd), "exit");
  expect(code).toBe(0);
}

const runOf = (cwd: string) => join(cwd, "runs", readdirSync(join(cwd, "runs"))[0]!);
const linesOf = (file: string) =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

suite.skipIf(isMissing)("certaindex solve", () => {
  test.each(["math500-a", "gsm8k-test-a", "aime24"])(
    "%s: right and stopped as the server's frequencies say",
    async (name) => {
      const file = join(data, `${name}.jsonl`);
      const { questions } = await readQuestions(file, { limit: 60 });
      const server = await startQuizServer(questions);
      onTestFinished(() => server.close());
      const cwd = mkdtempSync(join(folder, `${name}-`));
      await finish(["certaindex", "solve", file, "--endpoint", server.url, "--limit", "60", "--shadow", "1"], cwd);
      const solved = linesOf(join(runOf(cwd), "results.jsonl"));
      expect(solved).toHaveLength(questions.length);
      const share = (kind: string, holds: (one: any) => boolean) => {
        const group = solved.filter(({ index }) => kindOf(index) === kind);
        return group.filter(holds).length / group.length;
      };
      // Of 20 questions each, or 10. Five of five agree with probability 0.97^5 = 0.86; 0.5^5 = 0.03; 6 (1/6)^5 = 0.001.
      expect(share("easy", ({ reason }) => reason === "settled")).toBeGreaterThan(0.6);
      expect(share("half", ({ reason }) => reason === "settled")).toBeLessThan(0.2);
      expect(share("never", ({ reason }) => reason === "settled")).toBeLessThanOrEqual(0.1);
      expect(share("easy", ({ correct }) => correct)).toBe(1);
      expect(share("never", ({ correct }) => correct)).toBe(0);
      // Right answers are half of twenty, wrong ones scattered over six: the majority is right.
      expect(share("half", ({ correct }) => correct)).toBeGreaterThanOrEqual(0.8);
    },
  );

  test("killed in the middle of 500 questions and resumed: the figures of an uninterrupted run, and nothing paid twice", async () => {
    const [maths, sums] = await Promise.all(
      ["math500-a", "gsm8k-test-a"].map((name) => readQuestions(join(data, `${name}.jsonl`))),
    );
    const questions = [...maths!.questions, ...sums!.questions.slice(0, 250)].map((question, index) => ({
      ...question,
      id: `q${index}`,
    }));
    const file = join(folder, "500.jsonl");
    writeFileSync(
      file,
      questions.map(({ id, text, target }) => `${JSON.stringify({ id, problem: text, answer: target })}\n`).join(""),
    );
    const server = await startQuizServer(questions);
    onTestFinished(() => server.close());
    const concurrency = 16;
    const words = [
      "certaindex",
      "solve",
      file,
      "--endpoint",
      server.url,
      "--seed",
      "7",
      "--cap",
      "8",
      "--shadow",
      "0.1",
    ];
    words.push("--concurrency", String(concurrency));

    const whole = join(folder, "whole");
    await finish(words, prepare(whole));
    const once500 = server.counts.servedCount;

    const pieces = prepare(join(folder, "pieces"));
    const child = start(words, pieces);
    for (;;) {
      await sleep(50);
      if (child.exitCode !== null) throw new Error("it ended before it could be killed");
      const [run] = existsSync(join(pieces, "runs")) ? readdirSync(join(pieces, "runs")) : [];
      const done = run && join(pieces, "runs", run, "solved.jsonl");
      if (done && existsSync(done) && readFileSync(done, "utf8").split("\n").length > 250) break;
    }
    process.kill(-child.pid!, "SIGKILL");
    await once(child, "exit");
    await finish(["resume", "latest"], pieces);

    for (const name of ["results.jsonl", "recordings.jsonl"]) {
      expect(readFileSync(join(runOf(pieces), name), "utf8")).toBe(readFileSync(join(runOf(whole), name), "utf8"));
    }
    const [expected, resumed] = [whole, pieces].map((cwd) =>
      JSON.parse(readFileSync(join(runOf(cwd), "summary.json"), "utf8")),
    );
    expect(resumed.summary).toEqual(expected.summary);
    expect(resumed.summary.questionCount).toBe(500);
    // Only calls that were in the air when it was killed are asked again, and those whose reply was being written down:
    // their places had been given to others already.
    expect(server.counts.servedCount - 2 * once500).toBeLessThanOrEqual(2 * concurrency);
  });
});

const hasModel = existsSync(join(root, "models/chains/config.json"));
if (!hasModel) console.info("certaindex: models/chains is missing, so solve is not tested on the embedded model");

suite.skipIf(!hasModel)("certaindex solve, embedded", () => {
  test.each([
    ["self-consistency", ["--shadow", "0.3"]],
    ["rebase", ["--cap", "32"]],
    ["mcts", ["--shadow", "0.3"]],
    ["chain-of-thought", ["--policy", "mid", "--record"]],
  ])("%s: most clean questions come out right, and replay gives the live figures", (program, more) => {
    const cwd = prepare(join(folder, `embedded-${program}`));
    const words = ["certaindex", "solve", "--count", "40", "--program", program, ...more, "--json"];
    const solved = polymath(words, { cwd });
    expect(solved.status, solved.stderr).toBe(0);
    const { summary, warnings } = JSON.parse(solved.stdout);
    expect(warnings[0]).toContain("uncalibrated");
    // Half of the questions are clean, and the noisy ones are right more often than not.
    expect(summary.accuracy.value).toBeGreaterThan(0.45);
    const replayed = polymath(["certaindex", "replay", runOf(cwd), "--json"], { cwd });
    expect(replayed.status, replayed.stderr).toBe(0);
    const { tokens, probeTokens, accuracy, reasons } = JSON.parse(replayed.stdout);
    const { tokens: liveTokens, probeTokens: liveProbeTokens, accuracy: liveAccuracy, reasons: liveReasons } = summary;
    expect({ tokens, probeTokens, accuracy, reasons }).toEqual({
      tokens: liveTokens,
      probeTokens: liveProbeTokens,
      accuracy: liveAccuracy,
      reasons: liveReasons,
    });
  });
});

function prepare(cwd: string): string {
  mkdirSync(cwd, { recursive: true });
  return cwd;
}
