import { expect, suite, test } from "vitest";
import { createScrubber, isSecretName, redact } from "./secrets.ts";

suite("secrets", () => {
  test("names that hold one, and names that look like it", () => {
    const secret = [
      "apiKey",
      "api-key",
      "OPENAI_API_KEY",
      "token",
      "hubToken",
      "password",
      "DB_PASSWD",
      "clientSecret",
    ];
    const harmless = ["maxTokens", "tokens", "tokenizer", "tokenCount", "sortKey", "key", "keyboard", "stopToken2"];
    expect(secret.filter((name) => !isSecretName(name))).toEqual([]);
    expect(harmless.filter(isSecretName)).toEqual([]);
  });

  test("redact blanks values at any depth and passwords in URLs, and keeps the rest", () => {
    const given = {
      endpoint: "https://user:hunter2@host/v1?model=a&api_key=abc123",
      nested: [{ apiKey: "sk-1", maxTokens: 5 }],
      apiKey: undefined,
    };
    expect(redact(given)).toEqual({
      endpoint: "https://user:[redacted]@host/v1?model=a&api_key=[redacted]",
      nested: [{ apiKey: "[redacted]", maxTokens: 5 }],
      apiKey: undefined,
    });
  });

  test("a scrubber finds the values again in other texts, as JSON writes them", () => {
    const scrub = createScrubber(
      { apiKey: 'sk-"quoted"-1', short: { token: "abc" } },
      { MY_API_KEY: "environment-key" },
    );
    const line = JSON.stringify({ message: 'bad key sk-"quoted"-1 or environment-key; abc' });
    expect(JSON.parse(scrub(line))).toEqual({ message: "bad key [redacted] or [redacted]; abc" });
  });
});
