import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, suite, test } from "vitest";
import { type MockOptions, startMockServer } from "../../../endpoint/testing/index.ts";
import { answer, rowsFile } from "./analyze.fixtures.ts";
import { analyzeCommand } from "./analyze.ts";
import { runCommand, temporaryFolder, testContext } from "./context.fixtures.ts";

const traceCount = 6;

async function server(options: MockOptions = {}) {
  const mock = await startMockServer({ answer, ...options });
  onTestFinished(() => mock.close());
  return mock;
}

suite("overthinking analyze with a model", () => {
  test("three stages, judge and clusters by one endpoint; each call is paid for once", async () => {
    const mock = await server();
    const cache = join(temporaryFolder(), "cache");
    const file = rowsFile(traceCount);
    const options = { endpoint: mock.url, model: "mock", cache };
    const found = await runCommand(analyzeCommand, [file], options);
    expect(found).toMatchObject({ traceCount, meanSolutions: 2, processPercent: 100, outcomePercent: 100, flags: {} });
    expect(found.groups[0]).toMatchObject({ accuracy: { value: 1 }, firstSolutionCorrect: { value: 0 } });
    const [first] = readFileSync(found.out, "utf8").split("\n");
    expect(JSON.parse(first!)).toMatchObject({
      split_solutions: [
        { solution: "\nThought 1 of 0.\n\nThought 2 of 0.\n\n", correct: false, cluster: 1, answer: "some" },
        { solution: "Thought 3 of 0.\n\nThought 4 of 0.", correct: true, cluster: 2, answer: "all of them" },
      ],
    });
    const { servedCount } = mock.counts;
    expect(found.calls).toMatchObject({ paidCount: servedCount, failedCount: 0 });
    const again = await runCommand(analyzeCommand, [file], options);
    expect(mock.counts.servedCount).toBe(servedCount);
    expect(again.calls.paidCount).toBe(0);
    expect(again.outcomePercent).toBe(found.outcomePercent);
  });

  test("stopped in the middle and gone on with: the rows of an uninterrupted run, and no call twice", async () => {
    const mock = await server();
    const file = rowsFile(traceCount);
    const whole = await runCommand(analyzeCommand, [file], { endpoint: mock.url, model: "mock" });
    const before = mock.counts.servedCount;
    const controller = new AbortController();
    const stopping = await server({
      answer: (request) => {
        if (stopping.counts.servedCount === 20) controller.abort(new Error("stopped"));
        return answer(request);
      },
    });
    const options = { endpoint: stopping.url, model: "mock", concurrency: 2 };
    const context = await testContext({ signal: controller.signal });
    await expect(runCommand(analyzeCommand, [file], options, context)).rejects.toThrow("stopped");
    context.run.interrupt();
    const resumed = await runCommand(analyzeCommand, [file], options, await testContext({ resume: context.run.dir }));
    expect(readFileSync(resumed.out, "utf8")).toBe(readFileSync(whole.out, "utf8"));
    expect([...stopping.servedByKey.values()].filter((count) => count > 1)).toEqual([]);
    expect(stopping.servedByKey.size).toBe(before);
  });

  test("replies that cannot be read: rules, flagged, with a warning beside every figure", async () => {
    const mock = await server({
      answer: (request) => (/^You divide/.test(String(request.body.messages![0]!.content)) ? "no" : answer(request)),
    });
    const found = await runCommand(analyzeCommand, [rowsFile(traceCount)], { endpoint: mock.url, model: "mock" });
    expect(found.flags).toMatchObject({ split_parse_error: traceCount });
    const printed = analyzeCommand.print!(found);
    expect(printed).toContain("Warning: 100.0 % of the traces were cut by rules");
    expect(printed).toContain(`${traceCount} traces (100.0 %) cut by rules`);
    expect(
      readFileSync(join(found.folder, "report.html"), "utf8").match(/100\.0 % of the traces were cut by rules/g)!
        .length,
    ).toBeGreaterThan(3);
  });

  test("clusters that stay open give bounds for process efficiency", async () => {
    const mock = await server({
      answer: (request) =>
        /several solutions/.test(String(request.body.messages![0]!.content))
          ? "cluster1\t[Solution 1]"
          : answer(request),
    });
    const found = await runCommand(analyzeCommand, [rowsFile(traceCount)], { endpoint: mock.url, model: "mock" });
    expect(found).toMatchObject({ processPercent: null, flags: { cluster_parse_error: traceCount } });
    expect(found.groups[0]).toMatchObject({ process: null, processBounds: [0.5, 1] });
    expect(analyzeCommand.print!(found)).toContain("50.0 to 100.0 (bounds)");
  });

  test("a wrong key ends the run at once", async () => {
    const mock = await server({ faults: () => ({ kind: "status", status: 401 }) });
    const options = { endpoint: mock.url, model: "mock", concurrency: 1 };
    await expect(runCommand(analyzeCommand, [rowsFile(traceCount)], options)).rejects.toMatchObject({
      code: "ENDPOINT_AUTH",
    });
    expect(mock.counts.requestCount).toBe(1);
  });
});
