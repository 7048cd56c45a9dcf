import { expect, test } from "vitest";
import { readApiKey } from "./keys.ts";

const environment = { OPENAI_API_KEY: "openai", OTHER: "other", EMPTY: "" };

test("OPENAI_API_KEY goes to OpenAI, or to the server that OPENAI_BASE_URL names, and nowhere else", () => {
  expect(readApiKey("https://api.openai.com/v1", undefined, environment)).toBe("openai");
  expect(readApiKey("https://api.openai.com.evil.example/v1", undefined, environment)).toBe(undefined);
  const named = { ...environment, OPENAI_BASE_URL: "https://gateway.example/v1" };
  expect(readApiKey("https://gateway.example/v2", undefined, named)).toBe("openai");
  expect(readApiKey("http://gateway.example/v1", undefined, named)).toBe(undefined);
});

test("POLYMATH_API_KEY goes everywhere; a named variable comes before it and must not be empty", () => {
  const both = { ...environment, POLYMATH_API_KEY: "ours" };
  expect(readApiKey("http://localhost:8000/v1", undefined, both)).toBe("ours");
  expect(readApiKey("http://localhost:8000/v1", "OTHER", both)).toBe("other");
  expect(() => readApiKey("http://localhost:8000/v1", "EMPTY", both)).toThrow("variable EMPTY is empty");
});
