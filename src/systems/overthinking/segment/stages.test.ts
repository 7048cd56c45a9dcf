import { expect, suite, test } from "vitest";
import { fakeEndpoint } from "../../../endpoint/fake-endpoint.fixtures.ts";
import { ContextTooLongError } from "../../../endpoint/index.ts";
import { type StageFixture, stageFixtures, xml } from "./stages.fixtures.ts";
import { segmentByStages } from "./stages.ts";

const stepText = (number: number) => `Thought number ${number} about it.`;
const reasoningOf = (stepCount: number) =>
  Array.from({ length: stepCount }, (_, index) => stepText(index + 1)).join("\n\n");

/** A model that says what the fixture has it say, and counts what it is asked. */
function scripted({
  cut,
  states = [],
  joins = [],
  garbled = {},
}: Omit<StageFixture, "name" | "stepCount" | "expected">) {
  const counts = [0, 0, 0];
  const endpoint = fakeEndpoint((_, { request }) => {
    if (!("messages" in request)) throw new Error("expected a chat");
    const [system, user] = request.messages.map(({ content }) => String(content)) as [string, string];
    const numbers = (text: string) => [...text.matchAll(/Thought number (\d+)/g)].map(([, number]) => Number(number));
    if (/^You divide/.test(system)) return cut[counts[0]!++]!;
    if (/^You are given a problem, an answer/.test(system)) {
      counts[1]!++;
      const [step] = numbers(user);
      if (garbled.states?.includes(step!)) return "perhaps";
      return JSON.stringify({ result: states.includes(step!) });
    }
    counts[2]!++;
    const [before] = user.split("<end>") as [string];
    const step = numbers(before).at(-1)!;
    return garbled.joins?.includes(step) ? "perhaps" : `They differ. {"result": ${!joins.includes(step)}}`;
  });
  return { endpoint, counts };
}

suite("segmentByStages", () => {
  test("there are thirty fixtures at least", () => expect(stageFixtures.length).toBeGreaterThanOrEqual(30));

  test.each(stageFixtures.map((fixture) => [fixture.name, fixture] as const))("%s", async (_, fixture) => {
    const reasoning = reasoningOf(fixture.stepCount);
    const { endpoint, counts } = scripted(fixture);
    const windows = fixture.windowSteps === undefined ? {} : { windowSteps: fixture.windowSteps };
    const { pieces, flags } = await segmentByStages({ reasoning, problem: "How much?" }, endpoint, windows);
    const ends = fixture.expected.map(([last, answer]) => {
      const nextStart = reasoning.indexOf(stepText(last + 1));
      return { end: nextStart === -1 ? reasoning.length : nextStart, answer };
    });
    expect(pieces).toEqual(ends);
    expect(flags).toEqual(fixture.flags ?? []);
    if (fixture.requests) expect(counts).toEqual(fixture.requests);
  });

  test("a window that does not fit the model's context is halved until it does", async () => {
    const shown: number[] = [];
    const endpoint = fakeEndpoint((_, { request }) => {
      if (!("messages" in request)) throw new Error("expected a chat");
      const [system, user] = request.messages.map(({ content }) => String(content)) as [string, string];
      if (!/^You divide/.test(system)) return '{"result": false}';
      const steps = [...user.matchAll(/^###STEP (\d+)$/gm)].map(([, number]) => Number(number));
      if (steps.length > 3) throw new ContextTooLongError("too long");
      shown.push(...steps);
      return xml([steps[0]!, steps.at(-1)!, "7"]);
    });
    const { pieces } = await segmentByStages({ reasoning: reasoningOf(10), problem: "How much?" }, endpoint);
    expect(shown).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]); // every step, none twice
    expect(pieces).toHaveLength(1); // stage 3 found no cut right
  });

  test("the second asking says what was wrong with the first reply", async () => {
    const { endpoint } = scripted({ cut: [xml([1, 9, "7"]), xml([1, 2, "7"])] });
    await segmentByStages({ reasoning: reasoningOf(2), problem: "How much?" }, endpoint);
    const again = endpoint.calls[1]!.request as unknown as { messages: { content: string }[] };
    expect(again.messages.at(-1)!.content).toContain("has steps 1 to 9, but the steps are 1 to 2");
  });

  test("a text of one block is cut at its sentences, and says so", async () => {
    const sentence = (number: number) =>
      `Thought number ${number} goes on for quite some time before it comes to its end.`;
    const reasoning = Array.from({ length: 8 }, (_, index) => sentence(index + 1)).join(" ");
    const { endpoint } = scripted({ cut: [xml([1, 4, "7"], [5, 8, "7"])] });
    const { pieces, flags } = await segmentByStages({ reasoning, problem: "How much?" }, endpoint);
    expect(pieces.map(({ end }) => end)).toEqual([reasoning.indexOf("Thought number 5"), reasoning.length]);
    expect(flags).toEqual(["sentence_fallback"]);
  });
});
