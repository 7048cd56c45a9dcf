import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import OpenAI from "openai";
import { expect, onTestFinished, suite, test } from "vitest";
import { startMockServer } from "../../endpoint/testing/index.ts";
import { checkPolicies, readPolicies } from "./policies.ts";
import { openUpstreamModel } from "./upstream.ts";

const program = join(import.meta.dirname, "../../../bin/polymath.mjs");

/** Runs the command until it has said where it is; `stop` ends it as Ctrl-C does. */
async function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program, "certaindex", "proxy", "--port", "0", "--json", ...args], {
    env: { ...process.env, ...env },
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const first = await Promise.race([
    createInterface(child.stdout)
      [Symbol.asyncIterator]()
      .next()
      .then(({ value }) => value as string | undefined),
    exited.then(() => undefined),
  ]);
  const stop = async () => {
    child.kill("SIGINT");
    return exited;
  };
  onTestFinished(async () => void (await stop()));
  return { said: first === undefined ? undefined : JSON.parse(first), stop, exited, stderr: () => stderr };
}

suite("polymath certaindex proxy", () => {
  test("stands before a server, says what it found, traces without keys, and ends on Ctrl-C", async () => {
    const folder = mkdtempSync(join(tmpdir(), "certaindex-proxy-"));
    writeFileSync(join(folder, "chat_template.jinja"), "{% for m in messages %}{{ m.content }}\n{% endfor %}");
    const upstream = await startMockServer({
      answer: ({ prompt }) => (prompt.endsWith("\\boxed{") ? "42} \\]" : `<think>${" w".repeat(400)}</think> 42`),
      tokenDelayMs: 1,
      apiKey: "sk-upstream-secret",
    });
    onTestFinished(() => upstream.close());
    const trace = join(folder, "trace.jsonl");
    const keys = { OUR_KEY: "sk-client-secret", THEIR_KEY: "sk-upstream-secret" };
    const args = [
      "--upstream",
      upstream.url,
      "--template",
      folder,
      "--effort",
      "mid",
      "--min-tokens",
      "16",
      "--trace",
      trace,
    ];
    const proxy = await start([...args, "--api-key-env", "OUR_KEY", "--upstream-key-env", "THEIR_KEY"], keys);
    expect(proxy.said).toMatchObject({ model: "mock", upstream: upstream.url });
    expect(proxy.said.findings.join()).toContain("chats are probed: the chat template is known");
    expect(proxy.stderr()).toMatch(/effort mid is uncalibrated/);
    const openai = new OpenAI({ baseURL: proxy.said.url, apiKey: keys.OUR_KEY, maxRetries: 0 });
    const messages = [{ role: "user" as const, content: "a secret question" }];
    const reply: any = await openai.chat.completions.create({ model: "mock", messages });
    expect(reply.choices[0].message.content).toMatch(/\\boxed\{42\}/);
    expect(reply.x_certaindex).toMatchObject({ reason: "settled", policy: "mid" });
    const wrong = new OpenAI({ baseURL: proxy.said.url, apiKey: "wrong", maxRetries: 0 });
    await expect(wrong.chat.completions.create({ model: "mock", messages })).rejects.toMatchObject({ status: 401 });
    expect(await proxy.stop()).toBe(0);
    const lines = readFileSync(trace, "utf8");
    expect(
      lines
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).kind),
    ).toContain("stop");
    for (const secret of ["sk-", "secret question"])
      expect(lines + proxy.stderr() + JSON.stringify(proxy.said)).not.toContain(secret);
  });

  test("what cannot work is refused before anything starts", async () => {
    const proxy = await start(["--upstream", "nowhere"]);
    expect([await proxy.exited, proxy.said]).toEqual([2, undefined]);
    expect(proxy.stderr()).toContain("nowhere is no address");
  });
});

suite("its parts", () => {
  const log = { info() {}, warn() {}, debug() {} };

  test("a folder without a template is named", async () => {
    const template = mkdtempSync(join(tmpdir(), "certaindex-proxy-"));
    const opening = openUpstreamModel({ upstream: "http://127.0.0.1:9/v1", template }, log);
    await expect(opening).rejects.toThrow(`--template ${template}: there is no chat template`);
  });

  test("policies have an id: their own, or their file's; another model is warned of, or refused", async () => {
    const folder = mkdtempSync(join(tmpdir(), "certaindex-proxy-"));
    const calibration = {
      ...{ program: "chain-of-thought", model: "m1", dataset: "d", settings: { interval: 64, window: 5 } },
      ...{ n: 400, losses: 0, bound: 0.0075, delta: 0.01, confidence: 0.95, saved: 0.3 },
    };
    const policy = { algorithm: "single-step", thresholds: { consistency: 1 }, detectAt: 5, cap: 100, calibration };
    const [plain, named] = [join(folder, "plain.json"), join(folder, "other.json")];
    writeFileSync(plain, JSON.stringify(policy));
    writeFileSync(named, JSON.stringify({ ...policy, id: "maths", calibration: undefined }));
    const policies = await readPolicies([plain, named], 0.1);
    expect([...policies.keys()]).toEqual(["plain", "maths"]);
    expect([policies.get("plain")!.shadow === undefined, policies.get("maths")!.shadow]).toEqual([false, undefined]);
    await expect(readPolicies([plain, plain], 0)).rejects.toThrow("two policies are called plain");
    await expect(readPolicies([join(folder, "none.json")], 0)).rejects.toThrow("none.json");
    const warnings: string[] = [];
    const warn = (_: string, fields: object = {}) => warnings.push(JSON.stringify(fields));
    const check = (model: string, strict: boolean) =>
      checkPolicies([policies.get("plain")!], model, { strict, log: { ...log, warn } });
    check("m1", true);
    expect(warnings).toEqual([]);
    check("m2", false);
    expect(warnings.join()).toMatch(/m1.*m2/);
    expect(() => check("m2", true)).toThrow(/m1/);
  });
});
