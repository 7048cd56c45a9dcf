/** `polymath huatuo rl` on folders and files: POLYMATH_SLOW=1 vitest run src/systems/huatuogpt-o1/rl/command */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { parse } from "yaml";
import type { CommandContext } from "../../../core/command.ts";
import { createLog } from "../../../core/log.ts";
import { createProgress } from "../../../core/progress.ts";
import { openRun, type Run, reopenRun } from "../../../core/run.ts";
import { loadModel, saveModel } from "../../../language/hugging-face.ts";
import { rlCommand, rlConfigCommand } from "../commands/rl.ts";
import { problems, shownTheForm, template, tokenizer } from "./rl.fixtures.ts";

let folder = "";
let base = "";
let file = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polymath-huatuo-rl-command-"));
  base = join(folder, "sft");
  await mkdir(base);
  await saveModel(base, { ...(await shownTheForm()), tokenizer });
  await writeFile(join(base, "chat_template.jinja"), template);
  file = join(folder, "problems.json");
  const rows = problems.map(({ question, reference }) => ({
    "Open-ended Verifiable Question": question,
    "Ground-True Answer": reference,
  }));
  await writeFile(file, JSON.stringify(rows));
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

const silent = { write: () => true };
const contextOf = (run: Run, signal = new AbortController().signal): CommandContext => ({
  log: createLog({ stream: silent }),
  progress: (options) => createProgress({ ...options, stream: silent }),
  signal,
  run,
  interactive: false,
  json: true,
});
const freshRun = () => openRun({ command: "huatuo rl", root: join(folder, "runs") });
const rl = (options: Record<string, unknown>, context: CommandContext) =>
  rlCommand.run([file], rlCommand.options!.parse({ model: base, ...options }), context);
const small = {
  method: "rloo",
  updates: 4,
  prompts: 8,
  groupSize: 4,
  maxTokens: 10,
  learningRate: 1e-3,
  checkpointEvery: 1,
};

suite("huatuo rl", () => {
  test("writes a model folder and a report, the same after an interruption", { timeout: 120_000 }, async () => {
    const run = await freshRun();
    const straight = (await rl({ ...small, out: join(folder, "straight"), second: "exact" }, contextOf(run)))!;
    expect(straight.updates).toBe(4);
    expect(straight.before!.form).toBeGreaterThan(0.5);
    expect(straight.looks.map(({ first, second }) => first === second)).toEqual([true]); // the verifier beside itself
    const text = rlCommand.print!(straight);
    expect(text).toContain("rloo on 36 problems: 4 updates");
    expect(text).toMatch(/Held out, after: .* % right/);
    expect(text).toMatch(/Time: .* generation .* %, scoring .* %, update .* %/);
    const report = JSON.parse(await readFile(join(run.dir, "report.json"), "utf8"));
    expect(report.sections.map(({ title }: { title?: string }) => title)).toContain("Reward");
    expect((await readFile(join(run.dir, "events.jsonl"), "utf8")).match(/"name":"reward"/g)).toHaveLength(4);

    const controller = new AbortController();
    const cut = await freshRun();
    const metric: Run["metric"] = (name, step, value) => {
      cut.event("metric", { name, step, value });
      if (name === "reward" && step === 2) controller.abort();
    };
    const options = { ...small, out: join(folder, "resumed"), second: "exact" };
    expect(await rl(options, contextOf({ ...cut, path: cut.path, metric }, controller.signal))).toBeNull();
    cut.interrupt();
    const resumed = (await rl(options, contextOf(await reopenRun(cut.dir))))!;
    expect(resumed.history.map(({ update }) => update)).toEqual([1, 2, 3, 4]);
    const bytes = (out: string) => readFile(join(folder, out, "model.safetensors"));
    expect((await bytes("resumed")).equals(await bytes("straight"))).toBe(true);
    expect((await bytes("resumed")).equals(await readFile(join(base, "model.safetensors")))).toBe(false);
    expect(existsSync(join(folder, "resumed", "chat_template.jinja"))).toBe(true);
    expect((await loadModel(join(folder, "resumed"))).parameterCount).toBe((await loadModel(base)).parameterCount);
  });

  test("refuses what it cannot use", async () => {
    const run = async (options: Record<string, unknown>) =>
      rl({ out: folder, ...options }, contextOf(await freshRun()));
    await expect(run({ model: folder })).rejects.toThrow("is no model folder: it has no config.json");
    await expect(run({ verifier: "exakt", maxTokens: 10 })).rejects.toThrow("--verifier exakt: expected exact, llm");
    await expect(run({ verifier: "llm", maxTokens: 10 })).rejects.toThrow("--verifier llm needs --judge");
    await expect(run({ maxTokens: 22 })).rejects.toThrow("no problem leaves room for 22 tokens in 24");
  });
});

test("huatuo rl-config writes the file", async () => {
  const out = join(folder, "ppo.yaml");
  const options = rlConfigCommand.options!.parse({ out, policy: "my-sft" });
  await rlConfigCommand.run(["trl-ppo"], options, contextOf(await freshRun()));
  expect(parse(await readFile(out, "utf8"))).toMatchObject({ model_name_or_path: "my-sft", kl_coef: 0.03 });
});
