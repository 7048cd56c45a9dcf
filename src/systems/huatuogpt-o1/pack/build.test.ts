/** `huatuo build` from a file of exam questions to a model and its figures: planned, killed and gone on with. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { openRun, reopenRun } from "../../../core/run.ts";
import { loadModel } from "../../../language/hugging-face.ts";
import { buildCommand } from "../commands/build.ts";
import { medicalNotice } from "../medical-notice.ts";
import { runHere, temporaryFolder } from "../teacher.fixtures.ts";
import { buildUntilDeath, questions, readOf, serveTeacher, writePack } from "./pack.fixtures.ts";

suite("huatuo build", () => {
  test("killed between steps it goes on where it was: from questions to a model, and nothing is asked twice", async () => {
    const server = await serveTeacher();
    const file = await writePack({ teacher: { endpoint: server.url, model: "mock" } });
    const run = await openRun({ command: "huatuo build", args: [file], options: {}, root: temporaryFolder() });
    await expect(buildUntilDeath(run, file, "search")).rejects.toThrow("killed");
    const asked = server.counts.servedCount;
    const problems = readFileSync(join(run.dir, "problems.json"), "utf8");
    expect(asked).toBeGreaterThan(0);
    await expect(buildUntilDeath(await reopenRun(run.dir), file, "sft")).rejects.toThrow("killed");
    expect(server.counts.servedCount).toBeGreaterThan(asked);
    const paid = server.counts.servedCount;
    const warnings: string[] = [];
    const result = (await buildUntilDeath(await reopenRun(run.dir), file, undefined, warnings))!;
    expect(server.counts.servedCount).toBe(paid);
    expect([...server.servedByKey.values()].filter((count) => count > 1)).toEqual([]);
    expect(readFileSync(join(run.dir, "problems.json"), "utf8")).toBe(problems);

    const { steps, evaluation } = result;
    expect(steps.map(({ step }) => step)).toEqual(["factory", "search", "merge", "sft", "eval"]);
    expect([result.training, result.heldOut, steps[0]!.rowsIn]).toEqual([13, 3, 13]);
    for (const { rowsIn, rowsOut, setAside, step } of steps) {
      expect([step, rowsOut + Object.values(setAside).reduce((sum, count) => sum + count, 0)]).toEqual([step, rowsIn]);
    }
    for (const index of [1, 2, 3]) expect(steps[index]!.rowsIn).toBe(steps[index - 1]!.rowsOut);
    expect(steps.slice(0, 3).reduce((sum, { calls }) => sum + calls, 0)).toBe(paid);

    const heldOut = readOf(run, "held-out.json") as typeof questions;
    const taught = new Set((JSON.parse(problems) as typeof questions).map(({ question }) => question));
    expect(taught.size).toBe(steps[0]!.rowsOut);
    expect(heldOut.filter(({ question }) => taught.has(question))).toEqual([]);
    expect(evaluation!.map(({ when, scores }) => [when, scores[0]!.mcq!.count])).toEqual([
      ["before training", 3],
      ["after sft", 3],
    ]);
    expect(readOf(run, "evaluation.json")).toEqual(JSON.parse(JSON.stringify(evaluation)));
    for (const name of ["merged.json", "steps/factory/rejected.jsonl", "steps/eval/sft/answers.jsonl"]) {
      expect(existsSync(join(run.dir, name))).toBe(true);
    }
    const base = (await loadModel(join(file, "../base"))).params.model.norm.weight.host as Float32Array;
    const trained = (await loadModel(result.model!)).params.model.norm.weight.host as Float32Array;
    expect([...trained]).not.toEqual([...base]);

    const notice = "Nothing of this clinic is true.";
    expect(warnings).toEqual(expect.arrayContaining([notice, medicalNotice]));
    expect(readFileSync(join(result.model!, "NOTICE.md"), "utf8")).toContain(notice);
    const page = readFileSync(join(run.dir, "report.html"), "utf8");
    for (const text of [notice, "set aside", "before training", "after sft"]) expect(page).toContain(text);
    expect(buildCommand.print!(result)).toMatch(/factory: 13 in, \d+ out; .*cost \d+ calls/);
  }, 120_000);

  test("a plan asks nothing and counts what the rules leave; a pack that changed is not gone on with", async () => {
    const file = await writePack({ weak: ["mock@http://127.0.0.1:9/v1"] });
    const broken = [
      { ...questions[0]!, answer: "lead" },
      { ...questions[0]!, answer_idx: "A,B" },
    ]; // neither can be held out
    writeFileSync(join(file, "../questions.json"), JSON.stringify([...questions, ...broken]));
    const { result } = await runHere(buildCommand, [file], { dryRun: true });
    const [factory, search, merge] = result.plan!;
    expect([result.training, factory!.rows]).toEqual([15, 13]);
    expect(factory!.calls).toBe(3 * factory!.rows); // a weak model, the label, the rewriting
    expect(search!.calls).toBe(factory!.rows * 3 * (1 + 3) * 2);
    expect(merge!.calls).toBe(4 * factory!.rows);
    expect(buildCommand.print!(result)).toContain("Nothing was asked.");
    const judged = await writePack({
      ...{ judge: "mock@http://127.0.0.1:9/v1", verifier: "llm" },
      rl: { method: "rloo", updates: 40, prompts: 5, evaluateEvery: 20 },
    });
    const planned = await runHere(buildCommand, [judged], { dryRun: true });
    const rl = planned.result.plan!.find(({ step }) => step === "rl");
    expect(rl!.calls).toBe(40 * 5 * 2 + (2 + 2) * 1); // two rollouts each; one of 13 problems is held out there

    const onItself = await writePack({ holdout: undefined, eval: { file: "questions.json" } });
    const clean = await runHere(buildCommand, [onItself], { dryRun: true });
    expect(clean.result.plan![0]!.rows).toBe(0); // what is evaluated on is never taught
    await expect(runHere(buildCommand, [file], { until: "rl" })).rejects.toThrow("has no such step");

    const run = await openRun({ command: "huatuo build", args: [file], options: {}, root: temporaryFolder() });
    await expect(buildUntilDeath(run, file, "factory")).rejects.toThrow("killed");
    writeFileSync(file, readFileSync(file, "utf8").replace("the invented clinic", "another clinic"));
    await expect(buildUntilDeath(await reopenRun(run.dir), file)).rejects.toThrow("not what it was when the run began");
  }, 60_000);
});
