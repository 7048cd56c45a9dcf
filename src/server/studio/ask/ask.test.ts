/** An answer as it is written: where it had settled, what the full run says, and what happens when it fails. */
import { expect, suite, test } from "vitest";
import { OverloadedError } from "../../../endpoint/errors.ts";
import { type FakeOptions, fakeEndpoint } from "../../fake-endpoint.fixtures.ts";
import { answerLines } from "./answer.ts";
import type { AskLine } from "./contract.ts";

const thinking = [
  "First I add the two numbers, tens and ones. So the answer is 12.\n\n",
  "Wait, let me check it by counting up from seven, one by one. So the answer is 13.\n\n",
  "Let me verify it once more in another way, by taking five away again. So the answer is 13.\n\n",
  "Let me double-check all of it from the beginning, to be quite sure of it. So the answer is 13.\n\n",
];

async function ask(options: FakeOptions, { stop = false } = {}): Promise<AskLine[]> {
  const endpoint = fakeEndpoint(options);
  const signal = new AbortController().signal;
  const lines = answerLines(endpoint, [{ role: "user", content: "7 + 6?" }], {
    maxTokens: 100,
    temperature: 0,
    stop,
    signal,
  });
  return Array.fromAsync(lines);
}
const of = <Kind extends AskLine["kind"]>(lines: AskLine[], kind: Kind) =>
  lines.filter((line) => line.kind === kind) as Extract<AskLine, { kind: Kind }>[];
const words = (lines: AskLine[], kind: "thinking" | "answer") =>
  lines.map((line) => (line.kind === kind && "text" in line ? line.text : "")).join("");

suite("an answer", () => {
  const tokens = () => ["<think>", ...thinking, "</think>", "The answer is 13."];

  test("thinking stands apart, certainty follows each solution, and the place to stop is where two agree", async () => {
    const lines = await ask({ tokens });
    expect(words(lines, "thinking")).toBe(thinking.join(""));
    expect(words(lines, "answer")).toBe("The answer is 13.");
    const last = of(lines, "certainty").at(-1)!;
    expect([last.value, last.answers.slice(0, 3)]).toEqual([1, ["12", "13", "13"]]);
    expect(of(lines, "certainty")[0]!.value).toBe(0); // one solution agrees with nothing
    expect(of(lines, "settled")).toEqual([{ kind: "settled", tokens: 4, answer: "13" }]);
    expect(of(lines, "end")).toMatchObject([{ answer: "13", tokens: 7, end: "whole" }]);
  });

  test("told to stop, it is left there", async () => {
    const lines = await ask({ tokens }, { stop: true });
    expect(lines.at(-1)).toMatchObject({ kind: "end", answer: "13", tokens: 4, end: "stopped" });
    expect(words(lines, "answer")).toBe("");
  });

  test("reasoning that the server tells apart is thinking, too, and a cut answer says so", async () => {
    const lines = await ask({ reasoning: "I think. ", tokens: () => Array.from({ length: 200 }, () => "on ") });
    expect(words(lines, "thinking")).toBe("I think. ");
    expect(lines.at(-1)).toMatchObject({ kind: "end", end: "limit", tokens: 100 });
  });

  test("an endpoint that fails in the middle throws after what was said", async () => {
    const fail = () => ({ error: new OverloadedError("busy"), at: 2 });
    await expect(ask({ tokens, fail })).rejects.toThrow("busy");
  });
});
