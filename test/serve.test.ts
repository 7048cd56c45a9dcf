/** `polymath serve` from outside: a process, its first line, its API, its end. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import OpenAI from "openai";
import { afterAll, expect, onTestFinished, suite, test } from "vitest";
import { startMockServer } from "../src/endpoint/testing/index.ts";
import { localEndpoint } from "../src/language/endpoint.ts";
import { type RunningServer, startServer } from "../src/server/index.ts";
import { root, saveBabbler } from "./fixtures.ts";

const cwd = mkdtempSync(join(tmpdir(), "polymath-serve-"));
afterAll(() => rmSync(cwd, { recursive: true }));

/** Starts the command; resolves when it serves. */
async function serve(words: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(
    process.execPath,
    [join(root, "bin", "polymath.mjs"), "serve", "--port", "0", "--json", ...words],
    {
      cwd,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = once(child, "exit").then(([code]) => code as number);
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    exited.then((code) => Promise.reject(new Error(`polymath serve ended with ${code}: ${stderr}`))),
  ]);
  const { url, models } = JSON.parse(line) as { url: string; models: string[] };
  return {
    url,
    models,
    stderr: () => stderr,
    async stop(signal: NodeJS.Signals) {
      child.kill(signal);
      return exited;
    },
  };
}

suite("polymath serve", () => {
  test("stands before another server with a key of its own, and ends well by SIGTERM", async () => {
    const mock = await startMockServer({ models: ["big"], tokenDelayMs: 20 });
    onTestFinished(() => mock.close());
    const server = await serve(["--endpoint", mock.url, "--api-key-env", "MY_KEY"], { MY_KEY: "sesame-open" });
    expect(server.models).toEqual(["big"]);
    const client = new OpenAI({ baseURL: server.url, apiKey: "sesame-open", maxRetries: 0 });
    const ask = { model: "big", messages: [{ role: "user" as const, content: "hello" }], seed: 1 };
    const whole = await client.chat.completions.create({ ...ask, logprobs: true, guided_regex: "a+" } as typeof ask);
    expect(whole.choices[0]!.logprobs!.content!.length).toBeGreaterThan(3);
    expect(mock.bodies.at(-1)).toMatchObject({ seed: 1, logprobs: true, guided_regex: "a+" });
    // Stopped in the middle of an answer, it lets the answer end.
    const stream = await client.chat.completions.create({ ...ask, stream: true });
    let text = "";
    let exit: Promise<number> | undefined;
    for await (const { choices } of stream) {
      text += choices[0]?.delta.content ?? "";
      if (text) exit ??= server.stop("SIGTERM");
    }
    expect(text).toBe(whole.choices[0]!.message.content);
    expect(await exit).toBe(0);
    expect(server.stderr()).not.toContain("sesame");
  });
});

/** A sum for each of many chats. */
const questionOf = (index: number) => `${index + 11}+${index + 37}+25`;

async function readChat(url: string, index: number, leaveAfter = Number.POSITIVE_INFINITY): Promise<string> {
  const client = new OpenAI({ baseURL: url, apiKey: "none", maxRetries: 0 });
  const stream = await client.chat.completions.create({
    model: "tiny",
    messages: [{ role: "user", content: questionOf(index) }],
    max_tokens: 60,
    temperature: 0,
    stream: true,
  });
  let text = "";
  let pieceCount = 0;
  for await (const { choices } of stream) {
    const { content, reasoning_content } = (choices[0]?.delta ?? {}) as {
      content?: string;
      reasoning_content?: string;
    };
    text += (reasoning_content ?? "") + (content ?? "");
    if (++pieceCount >= leaveAfter) stream.controller.abort();
  }
  return text;
}

async function metric({ url }: RunningServer, name: string): Promise<number> {
  const text = await (await fetch(url.replace("/v1", "/metrics"))).text();
  return Number(new RegExp(`^polymath_${name}(?:\\{model="tiny"[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1]);
}

suite.each([
  ["random weights", () => join(cwd, "babbler")],
  ["the reasoner", () => join(root, "models", "reasoner")],
])("20 streaming chats at once, with %s", (name, folder) => {
  test("5 leave midway; the other 15 say what each says alone", async (context) => {
    const dir = folder();
    if (name === "random weights") {
      await saveBabbler(dir);
      writeFileSync(join(dir, "chat_template.jinja"), "{{ bos_token }}{{ messages[0].content }}=");
    } else if (!existsSync(join(dir, "config.json"))) return context.skip();
    const endpoint = await localEndpoint({ dir });
    onTestFinished(() => endpoint.close());
    const server = await startServer({ models: [{ id: "tiny", endpoint }], port: 0 });
    onTestFinished(() => server.close());
    const alone: string[] = [];
    for (let index = 0; index < 15; index++) alone.push(await readChat(server.url, index));
    expect(new Set(alone).size).toBeGreaterThan(1);
    const chats = Array.from({ length: 20 }, (_, index) => readChat(server.url, index, index < 15 ? undefined : 4));
    expect((await Promise.all(chats)).slice(0, 15)).toEqual(alone);
    await expect.poll(() => server.openCount, { timeout: 1000 }).toBe(0);
    await expect.poll(() => metric(server, "sequences_active"), { timeout: 1000 }).toBe(0);
  });
});
