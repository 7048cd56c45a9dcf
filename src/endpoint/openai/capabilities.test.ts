import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import type { Capabilities } from "../endpoint.ts";
import { AuthError } from "../errors.ts";
import { startMock } from "../mock.fixtures.ts";
import { capabilityFolder } from "./capabilities.ts";
import { openAiEndpoint } from "./endpoint.ts";

const statuses = (found: Capabilities) =>
  Object.fromEntries(Object.entries(found).map(([name, { status }]) => [name, status]));

suite("capabilities", () => {
  test("a server that can do all", async () => {
    const server = await startMock();
    const found = await openAiEndpoint({ url: server.url, model: "mock" }).capabilities();
    expect(new Set(Object.values(statuses(found)))).toEqual(new Set(["works"]));
    expect(found.prefill.how).toBe("continue_final_message");
    expect(found.n.why).toBe("it gave 2 choices for n = 2");
  });

  test("a server that ignores what it does not know", async () => {
    const server = await startMock({ skills: [] });
    const found = await openAiEndpoint({ url: server.url, model: "mock" }).capabilities();
    expect(statuses(found)).toEqual({
      chat: "works",
      completions: "missing",
      streaming: "works",
      n: "missing",
      logprobs: "missing",
      prefill: "missing",
      priority: "missing",
      structuredOutput: "missing",
      models: "missing",
    });
    expect(found.priority.why).toBe("the field is ignored");
  });

  test("a fault means unknown, and is not remembered", async () => {
    let isDown = true;
    const server = await startMock({
      faults: () => (isDown ? { kind: "status", status: 503 } : undefined),
    });
    const endpoint = openAiEndpoint({ url: server.url, model: "mock" });
    expect((await endpoint.capabilities({ only: ["chat"] })).chat.status).toBe("unknown");
    isDown = false;
    expect((await endpoint.capabilities({ only: ["chat"] })).chat.status).toBe("works");
  });

  test("a wrong key is an error, not a list of what is missing", async () => {
    const server = await startMock({ apiKey: "right-key" });
    await expect(openAiEndpoint({ url: server.url, model: "mock" }).capabilities()).rejects.toThrow(AuthError);
  });

  test("only what is asked for is tried, once per process or folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "capabilities-"));
    try {
      const server = await startMock({ apiKey: "key-0123456789" });
      const options = {
        url: server.url,
        model: "mock",
        apiKey: "key-0123456789",
        capabilityStore: capabilityFolder(folder),
      };
      const found = await openAiEndpoint(options).capabilities({ only: ["n"] });
      expect(statuses(found)).toMatchObject({ chat: "unknown", n: "works", logprobs: "unknown" });
      const sent = server.counts.requestCount;
      expect(sent).toBe(2); // is there chat, and is there n
      expect((await openAiEndpoint(options).capabilities({ only: ["n"] })).n.status).toBe("works");
      expect(server.counts.requestCount).toBe(sent);
      const [file] = await readdir(folder);
      expect(await readFile(join(folder, file!), "utf8")).not.toContain("key-0123456789");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
