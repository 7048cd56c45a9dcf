import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, onTestFinished, suite, test, vi } from "vitest";
import { startMockServer } from "../endpoint/testing/index.ts";
import { findPlace, openEndpoint } from "./endpoint-options.ts";

const folder = mkdtempSync(join(tmpdir(), "endpoint-options-"));
writeFileSync(join(folder, "config.json"), "{}");
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => void vi.unstubAllEnvs());

const url = "http://127.0.0.1:8000/v1";

suite("findPlace", () => {
  test.each([
    [{}, { kind: "embedded", name: "reasoner" }],
    [{ model: folder }, { kind: "local", dir: folder }],
    [{ endpoint: `local:${folder}` }, { kind: "local", dir: folder }],
    [
      { endpoint: url, model: "m" },
      { kind: "openai", url, model: "m" },
    ],
    [{ endpoint: `openai:${url}` }, { kind: "openai", url, model: undefined }],
  ])("%j", (options, place) => {
    expect(findPlace(options)).toEqual(place);
  });

  test.each([
    [{ endpoint: "127.0.0.1:8000" }, "--endpoint 127.0.0.1:8000 is no address", "Write it like http://"],
    [{ endpoint: folder }, `--endpoint ${folder} is no address`, `write local:${folder}`],
    [{ endpoint: "local:nowhere" }, "nowhere is no model folder", "Hugging Face format"],
    [{ model: "../reasoner" }, "../reasoner is no model folder", "Hugging Face format"],
    [{ endpoint: `local:${folder}`, model: "m" }, "--model m does not go with", "leave --model out"],
  ])("%j is bad usage", (options, message, hint) => {
    let error: any;
    try {
      findPlace(options);
    } catch (caught) {
      error = caught;
    }
    expect([error?.exitCode, error?.message, error?.hint]).toEqual([
      2,
      expect.stringContaining(message),
      expect.stringContaining(hint),
    ]);
  });
});

suite("openEndpoint", () => {
  test("a server with one model needs no name; the key comes from the variable named", async () => {
    vi.stubEnv("MOCK_KEY", "sesame-open");
    const server = await startMockServer({ models: ["only"], apiKey: "sesame-open" });
    onTestFinished(() => server.close());
    const endpoint = await openEndpoint({ endpoint: server.url, apiKeyEnv: "MOCK_KEY" });
    expect(endpoint.model).toBe("only");
    expect((await endpoint.complete({ prompt: "x" })).choices).toHaveLength(1);
    await expect(openEndpoint({ endpoint: server.url, apiKeyEnv: "NO_SUCH" })).rejects.toThrow("NO_SUCH is empty");
  });

  test("a server with several models wants a name, and lists them", async () => {
    const server = await startMockServer({ models: ["a", "b"] });
    onTestFinished(() => server.close());
    await expect(openEndpoint({ endpoint: server.url })).rejects.toMatchObject({
      message: `${server.url} has 2 models: choose one with --model`,
      hint: "There are: a, b",
    });
    expect((await openEndpoint({ endpoint: server.url, model: "b" })).model).toBe("b");
  });
});
