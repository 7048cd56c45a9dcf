import { stripVTControlCharacters } from "node:util";
import { expect, suite, test, vi } from "vitest";
import { describeServer, readServerKey } from "./describe-server.ts";

const url = "http://127.0.0.1:8000/v1";

suite("describeServer", () => {
  test("lines to paste, for an open server", () => {
    const text = stripVTControlCharacters(describeServer({ url, models: ["reasoner"] })); // CI may ask for colours
    expect(text).toBe(
      [
        `reasoner at ${url}  (Ctrl-C stops)`,
        "",
        `  curl ${url}/chat/completions -H "Content-Type: application/json" -d '{"model":"reasoner","messages":[{"role":"user","content":"17+25+38"}],"stream":true}'`,
        `  new OpenAI({ baseURL: "${url}", apiKey: "none" })`,
        `  polymath ask --endpoint ${url} --model reasoner "17+25+38"`,
        "",
        "",
      ].join("\n"),
    );
  });
  test("with a key, its variable and never the key", () => {
    vi.stubEnv("MY_KEY", "sesame-open");
    expect(readServerKey("MY_KEY")).toBe("sesame-open");
    vi.unstubAllEnvs();
    const text = describeServer({ url, models: ["a", "b"], apiKeyEnv: "MY_KEY" });
    expect(text).toContain('-H "Authorization: Bearer $MY_KEY"');
    expect(text).toContain("apiKey: process.env.MY_KEY");
    expect(text).toContain("--api-key-env MY_KEY");
    expect(text).not.toContain("sesame");
  });
  test("a named but empty variable opens no server", () => {
    expect(() => readServerKey("NO_SUCH_KEY")).toThrow("--api-key-env: the environment variable NO_SUCH_KEY is empty");
  });
});
