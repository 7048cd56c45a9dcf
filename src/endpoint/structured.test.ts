import { expect, suite, test } from "vitest";
import { z } from "zod";
import { fakeEndpoint } from "./fake-endpoint.fixtures.ts";
import { startMock } from "./mock.fixtures.ts";
import { openAiEndpoint } from "./openai/endpoint.ts";
import { askJson, extractJson, StructuredOutputError } from "./structured.ts";

const Person = z.object({ name: z.string(), age: z.number() });
const request = { messages: [{ role: "user" as const, content: "Who?" }] };
const ann = { name: "Ann", age: 7 };

suite("extractJson", () => {
  test.each([
    ['{"name": "Ann", "age": 7}'],
    ['Here you are:\n```json\n{"name": "Ann", "age": 7}\n```\nAnything else?'],
    ['The value is {"name": "Ann", "age": 7}, as asked.'],
    ["{'name': 'Ann', 'age': 7,}"],
    ['```\n{"name": "Ann", // her name\n "age": 7}\n```'],
    ['<think>{"name": "Bob", "age": 1} is wrong</think>{"name": "Ann", "age": 7}'],
    ['{"name": "Ann", "age": 7'],
    ['Use {curly} braces: {"name": "Ann", "age": 7}'],
  ])("%j", (text) => {
    expect([...extractJson(text)]).toContainEqual(ann);
  });

  test("brackets inside texts do not count", () => {
    expect([...extractJson('So: {"name": "}{", "age": 7} end')]).toContainEqual({ name: "}{", age: 7 });
  });

  test("words are no JSON", () => {
    expect([...extractJson("I cannot say.")]).toEqual([]);
  });
});

suite("askJson", () => {
  test("the server keeps to the schema where it can", async () => {
    const server = await startMock();
    const { value, askCount } = await askJson(openAiEndpoint({ url: server.url, model: "mock" }), request, Person);
    expect([value, askCount]).toEqual([{ name: "text", age: 1 }, 1]);
    expect(server.bodies.at(-1)!.response_format).toMatchObject({ type: "json_schema", json_schema: { strict: true } });
  });

  test("elsewhere the schema is told in words, in one system message", async () => {
    const fake = fakeEndpoint(() => JSON.stringify(ann));
    const messages = [{ role: "system" as const, content: "Be brief." }, ...request.messages];
    expect((await askJson(fake, { messages }, Person)).value).toEqual(ann);
    const sent = fake.calls[0]!.request as typeof request;
    expect(sent.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(sent.messages[0]!.content).toMatch(/^Be brief\.\n\nAnswer with one JSON value .*"age"/s);
  });

  test("an answer that does not fit is shown back once, with what is wrong", async () => {
    const fake = fakeEndpoint((count) => (count === 1 ? '{"name": "Ann", "age": "seven"}' : JSON.stringify(ann)));
    const { value, askCount } = await askJson(fake, request, Person);
    expect([value, askCount]).toEqual([ann, 2]);
    const { messages } = fake.calls[1]!.request as typeof request;
    expect(messages.at(-1)!.content).toBe(
      'That does not fit: age: expected a number, got "seven" (text). Answer again with the corrected JSON value only.',
    );
  });

  test("twice wrong is an error that keeps the text", async () => {
    const fake = fakeEndpoint(() => "I would rather not.");
    const error = await askJson(fake, request, Person).catch((error) => error);
    expect(error).toBeInstanceOf(StructuredOutputError);
    expect([error.code, error.text, fake.calls.length]).toEqual(["STRUCTURED_OUTPUT", "I would rather not.", 2]);
  });

  test("a schema that transforms is asked for in its input form", async () => {
    const fake = fakeEndpoint(() => '{"when": "2025-01-01"}');
    const schema = z.object({ when: z.string().transform((text) => new Date(text)) });
    expect((await askJson(fake, request, schema)).value.when.getUTCFullYear()).toBe(2025);
  });
});
