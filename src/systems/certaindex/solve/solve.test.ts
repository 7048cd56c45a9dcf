import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, suite, test } from "vitest";
import { readJsonLines } from "../../../core/jsonl.ts";
import { openRun, reopenRun } from "../../../core/run.ts";
import { defaultAnswer, startMockServer } from "../../../endpoint/testing/index.ts";
import { type Dataset, readQuestions } from "../datasets.ts";
import { replay } from "../policy/replay.ts";
import { Recording } from "../schemas.ts";
import { readTrace, recordingsFromTrace, resultsFromTrace } from "../traces.ts";
import { SolvedQuestion } from "./journal.ts";
import { kindOf, kinds, startQuizServer } from "./quiz-server.fixtures.ts";
import { type CommandOutcome, solveHere, temporaryFolder } from "./run-command.fixtures.ts";

const data = join(import.meta.dirname, "../../../../../shared/data");
const isMissing = !existsSync(data);
if (isMissing) console.info("certaindex: ../shared/data is missing, so solve is not tested on real questions");

/** Questions of our own, for what needs no real ones. */
function arithmetic(count: number): string {
  const file = join(temporaryFolder(), "sums.jsonl");
  const rows = Array.from({ length: count }, (_, i) =>
    JSON.stringify({ id: `s${i}`, problem: `${i} + 1?`, answer: i + 1 }),
  );
  writeFileSync(file, `${rows.join("\n")}\n`);
  return file;
}

async function serve({ questions }: Dataset, options: Parameters<typeof startQuizServer>[1] = {}) {
  const server = await startQuizServer(questions, options);
  onTestFinished(() => server.close());
  return server;
}

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const list = [];
  for await (const row of rows) list.push(row);
  return list;
}

const linesOf = (outcome: CommandOutcome, name: string) => join(outcome.run.dir, name);
const shareOf = (values: readonly boolean[]) => values.filter(Boolean).length / values.length;

suite("certaindex solve", () => {
  test.skipIf(isMissing)("real questions: right and stopped as often as the server's frequencies say", async () => {
    const file = join(data, "aime24.jsonl");
    const server = await serve(await readQuestions(file));
    const outcome = await solveHere([file], { endpoint: server.url, prompting: "chat", limit: 12, cap: 8 });
    const solved = await collect(
      readJsonLines(linesOf(outcome, "results.jsonl"), SolvedQuestion.omit({ steps: true })),
    );
    expect(solved.map(({ index }) => index)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    const [easy, , never] = kinds.map((kind) => solved.filter(({ index }) => kindOf(index) === kind));
    expect(easy!.map(({ correct }) => correct)).toEqual([true, true, true, true]);
    expect(never!.map(({ correct, reason }) => [correct, reason])).toEqual(Array(4).fill([false, "cap"]));
    expect(outcome.result.summary.accuracy).toMatchObject({ value: shareOf(solved.map(({ correct }) => correct!)) });
    expect(outcome.warnings[0]).toContain("calibrated");
  });

  test("replay of the recordings, and of the trace, gives the live figures exactly", async () => {
    const file = arithmetic(9);
    const server = await serve(await readQuestions(file));
    const cache = temporaryFolder(); // the same draws, asked for once
    for (const options of [{ record: true }, { shadow: 0.3 }, { policy: "adaptive-consistency:0.95@2" }]) {
      const outcome = await solveHere([file], { endpoint: server.url, prompting: "chat", cap: 8, cache, ...options });
      const { summary, policy, model } = outcome.result;
      const recordings = await collect(readJsonLines(linesOf(outcome, "recordings.jsonl"), Recording));
      const { results, ...figures } = replay(policy, recordings);
      expect(summary).toMatchObject(figures);
      expect(figures.tokens).toBeGreaterThan(500);
      const trace = await collect(readTrace(linesOf(outcome, "trace.jsonl")));
      const byId = new Map(results.map((result) => [result.id, result]));
      for (const { program, knob, tokens, answer, correct, reason } of resultsFromTrace(trace)) {
        expect(byId.get(program)).toMatchObject({ knob, tokens, answer, correct, reason });
      }
      const details = { program: "self-consistency", model, cap: policy.cap };
      const traced = replay(policy, recordingsFromTrace(trace, details));
      expect([traced.tokens, traced.accuracy, traced.falseStops]).toEqual([
        figures.tokens,
        figures.accuracy,
        figures.falseStops,
      ]);
    }
  });

  test("a shadow finds the false stops", async () => {
    const file = arithmetic(10);
    const { questions } = await readQuestions(file);
    // Five answers that agree on a guess, and then the truth: every stop is a false one.
    const calls = new Map<string, number>();
    const server = await startMockServer({
      answer: ({ prompt }) => {
        const index = questions.findIndex(({ text }) => prompt.startsWith(text));
        const count = (calls.get(prompt) ?? 0) + 1;
        calls.set(prompt, count);
        return `\\boxed{${count <= 5 ? 9999 : questions[index]!.target}}`;
      },
    });
    onTestFinished(() => server.close());
    const { result } = await solveHere([file], {
      endpoint: server.url,
      prompting: "chat",
      shadow: 0.5,
      concurrency: 1,
      cap: 11,
    });
    const { shadow, reasons, accuracy } = result.summary;
    expect(reasons).toEqual({ settled: 10 });
    expect(accuracy?.value).toBe(0);
    expect(shadow!.stoppedCount).toBeGreaterThan(1);
    expect(shadow!.stoppedCount).toBeLessThan(9);
    expect(shadow!.falseStops?.value).toBe(1);
    expect(shadow!.changedCount).toBe(shadow!.stoppedCount);
  });

  test("stopped and resumed, it ends with the figures of an uninterrupted run, and pays for no finished call again", async () => {
    const file = arithmetic(12);
    const options = { prompting: "chat", concurrency: 4, shadow: 0.2, seed: 3, cap: 8 } as const;
    const whole = await serve(await readQuestions(file));
    const expected = await solveHere([file], { ...options, endpoint: whole.url });
    const stop = new AbortController();
    const server = await serve(await readQuestions(file), {
      faults: () => void (server.counts.requestCount > 40 && stop.abort()),
    });
    const root = temporaryFolder();
    const run = await openRun({ command: "certaindex solve", root });
    await solveHere([file], { ...options, endpoint: server.url }, { run, signal: stop.signal }).then(({ result }) =>
      expect(result).toBeNull(),
    );
    run.interrupt();
    const paid = new Map(server.servedByKey);
    const resumed = await solveHere([file], { ...options, endpoint: server.url }, { run: await reopenRun(run.dir) });
    expect(resumed.result.summary).toEqual(expected.result.summary);
    for (const name of ["results.jsonl", "recordings.jsonl"]) {
      expect(readFileSync(linesOf(resumed, name), "utf8")).toBe(readFileSync(linesOf(expected, name), "utf8"));
    }
    // Calls cut off in mid-air may come twice; there were at most four of them.
    const twice = [...server.servedByKey].filter(([key, count]) => count > 1 && paid.has(key));
    expect(twice.length).toBeLessThanOrEqual(4);
    expect(resumed.result.paid.calls).toBe(expected.result.paid.calls);
  });

  test("a chain of thought over chat is continued, probed, and stopped when it has settled", async () => {
    const file = arithmetic(4);
    const { questions } = await readQuestions(file);
    const server = await startMockServer({
      answer: (request) => {
        const index = questions.findIndex(({ text }) => request.prompt.startsWith(text));
        if (index === -1) return defaultAnswer(request);
        const { prefill = "" } = request;
        if (prefill.endsWith("\\boxed{")) return `${prefill.length < 250 ? "guess" : questions[index]!.target}} \\]`;
        return `${" think".repeat(100)} \\boxed{${questions[index]!.target}}`;
      },
    });
    onTestFinished(() => server.close());
    const chain = { program: "chain-of-thought", interval: 20, window: 2, maxTokens: 400 } as const;
    const { result, run } = await solveHere([file], { ...chain, endpoint: server.url, policy: "single-step:1@1" });
    expect(result.summary).toMatchObject({ reasons: { settled: 4 }, accuracy: { value: 1 } });
    const [first] = await collect(readJsonLines(join(run.dir, "results.jsonl"), SolvedQuestion.omit({ steps: true })));
    // 20 tokens are 120 letters, and the suffix of the probe is 83: the first probe guesses, the next two agree.
    expect(first).toMatchObject({ knob: 3, tokens: 60 });
  });

  test("a tree search over chat asks the same model for its verdicts", async () => {
    const file = arithmetic(3);
    const { questions } = await readQuestions(file);
    const server = await startMockServer({
      answer: (request) => {
        const index = questions.findIndex(({ text }) => request.prompt.startsWith(text));
        if (index === -1) return defaultAnswer(request);
        if (request.prefill?.includes("(Yes or No)?")) return "Yes";
        return request.prefill ? `so \\boxed{${questions[index]!.target}}` : "first this\n\nthen that";
      },
    });
    onTestFinished(() => server.close());
    const tree = { program: "rebase", policy: "static:rewardMax=0.5@3", cap: 6 } as const;
    const { result } = await solveHere([file], { ...tree, endpoint: server.url });
    expect(result.summary).toMatchObject({ reasons: { settled: 3 }, accuracy: { value: 1 } });
  });

  test("another data set under the same run is refused", async () => {
    const server = await serve(await readQuestions(arithmetic(3)));
    const options = { endpoint: server.url, prompting: "chat" } as const;
    const { run } = await solveHere([arithmetic(3)], options);
    const other = join(temporaryFolder(), "other.jsonl");
    writeFileSync(other, `${JSON.stringify({ id: "x", problem: "0 + 1?", answer: 1 })}\n`);
    const again = await openRun({ command: "certaindex solve", root: temporaryFolder() });
    writeFileSync(again.path("solved.jsonl"), readFileSync(join(run.dir, "solved.jsonl")));
    await expect(solveHere([other], options, { run: again })).rejects.toThrow(/question \d was "s\d" and is now/);
  });

  test("faults of the server are ridden out; what is lost for good is told", async () => {
    const file = arithmetic(3);
    const dataset = await readQuestions(file);
    const server = await serve(dataset, {
      faults: ({ attempt, body }) =>
        body.seed! % 7 === 0 && attempt <= 1 ? { kind: "status", status: 500 } : undefined,
    });
    const { result } = await solveHere([file], { endpoint: server.url, prompting: "chat" });
    expect(result.summary).toMatchObject({ answeredCount: 3, degradedCount: 0 });
    const broken = await serve(dataset, {
      faults: ({ body }) => (body.seed! % 7 === 0 ? { kind: "status", status: 400 } : undefined),
    });
    const worse = await solveHere([file], { endpoint: broken.url, prompting: "chat" });
    expect(worse.result.summary.degradedCount).toBeGreaterThan(0);
    expect(worse.result.summary.answeredCount).toBe(3);
  });

  test("a server that is gone ends the run, and resumed when it is back the run lacks nothing", async () => {
    const file = arithmetic(12);
    const dataset = await readQuestions(file);
    let isGone = true;
    const server = await serve(dataset, {
      faults: () => (isGone ? { kind: "status", status: 503 } : undefined),
    });
    const options = { endpoint: server.url, prompting: "chat", attempts: 1, cap: 5 } as const;
    const run = await openRun({ command: "certaindex solve", root: temporaryFolder() });
    await expect(solveHere([file], options, { run })).rejects.toThrow("503");
    expect(server.counts.requestCount).toBeLessThan(12 * 5);
    isGone = false;
    const { result } = await solveHere([file], options, { run: await reopenRun(run.dir) });
    expect(result.summary).toMatchObject({ questionCount: 12, answeredCount: 12 });
  });

  test("a budget for the run ends it with what there is", async () => {
    const file = arithmetic(12);
    const server = await serve(await readQuestions(file));
    const { result } = await solveHere([file], {
      endpoint: server.url,
      prompting: "chat",
      maxTokensTotal: 3000,
      concurrency: 2,
    });
    expect(result.summary.reasons.budget).toBeGreaterThan(0);
    expect(result.paid.promptTokens + result.paid.completionTokens).toBeLessThan(3100); // a call that passes the limit is kept
    expect(result.summary.answeredCount).toBeGreaterThan(0);
  });

  test("the report warns, and shows figures, curve, reasons and questions", async () => {
    const file = arithmetic(12);
    const server = await serve(await readQuestions(file));
    const outcome = await solveHere([file], { endpoint: server.url, prompting: "chat", record: true, cap: 6 });
    const report = JSON.parse(readFileSync(linesOf(outcome, "report.json"), "utf8"));
    expect(report.sections.map(({ title }: { title: string }) => title)).toEqual([
      ...[
        "Read this first",
        "Figures",
        "Policy",
        "Why programs ended",
        "Units spent",
        "Tokens and accuracy",
        "Questions",
      ],
    ]);
    expect(report.sections[0].text).toContain("calibrated");
    expect(report.sections[2].text).toContain("a model can be sure and wrong");
    expect(report.sections[6].rows).toHaveLength(12);
    expect(outcome.shown).toContain("12 questions");
    expect(readFileSync(linesOf(outcome, "report.html"), "utf8")).toContain("Tokens and accuracy");
  });

  test("no trace holds a question's text or a key, unless asked for", async () => {
    const file = arithmetic(3);
    const server = await serve(await readQuestions(file));
    const options = { endpoint: server.url, prompting: "chat", cap: 5 } as const;
    const silent = await solveHere([file], options);
    expect(readFileSync(linesOf(silent, "trace.jsonl"), "utf8")).not.toContain("+ 1?");
    const told = await solveHere([file], { ...options, traceQuestions: true });
    expect(readFileSync(linesOf(told, "trace.jsonl"), "utf8")).toContain("2 + 1?");
  });

  test.each([
    [[], { endpoint: "http://127.0.0.1:1/v1" }, "There are no questions"],
    [["x.jsonl"], {}, 'The embedded model "chains" answers questions of its own world only'],
    [[], { policy: "bold" }, "--policy bold is no policy and no file"],
    [[], { policy: "static:1.7@5" }, "--policy static:1.7@5: thresholds.entropy"],
    [[], { policy: "static:0.7@30" }, "--policy static:0.7@30: detectAt"],
    [[], { policy: "static:hope=0.7@5" }, '"hope=0.7" is no threshold'],
  ])("%j %j is bad usage", async (args, options, message) => {
    await expect(solveHere(args, options)).rejects.toThrow(message);
  });
});
