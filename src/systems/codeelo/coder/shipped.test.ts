/** The model that ships: it writes programs for statements that it never saw, and not for families that it never saw. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { mean } from "../../../core/statistics/index.ts";
import { embeddedEndpoint, type LocalEndpoint } from "../../../language/endpoint.ts";
import { samplePrograms } from "./sample.ts";
import { bodyOf, heldOutFamilies, isForContests, sampleTask, type Task, trainedFamilies } from "./task.ts";

let endpoint: LocalEndpoint;
beforeAll(async () => {
  endpoint = await embeddedEndpoint("coder");
});
afterAll(() => endpoint.close());

/** Share of programs that are the reference to the letter: a lower bound of those that are right. */
async function literalShare(families: readonly string[]): Promise<number> {
  const tasks: Task[] = families.flatMap((family) =>
    Array.from({ length: 3 }, (_, index) => sampleTask(new Random(`shipped ${family} ${index}`), family, "contests")),
  );
  const bodies = await samplePrograms(endpoint.engine, tasks, { seed: 1, signal: new AbortController().signal });
  return mean(tasks.flatMap((task, at) => bodies[at]!.map((body) => Number(body === bodyOf(task)))));
}

suite("models/coder", () => {
  test("writes the reference for most problems that were kept from training, and seldom for held-out families", async () => {
    expect(isForContests(sampleTask(new Random(1), "keep-map", "contests"))).toBe(true);
    expect(await literalShare(trainedFamilies)).toBeGreaterThan(0.8);
    expect(await literalShare(heldOutFamilies)).toBeLessThan(0.5);
  });

  test("answers a chat with a program", async () => {
    const messages = [{ role: "user" as const, content: "sum of square of above 3 of a" }];
    const { choices } = await endpoint.chat({ messages, temperature: 0 });
    expect(choices[0]!.text).toBe("a=[x for x in a if x>3]\na=[x*x for x in a]\nprint(sum(a))");
  });
});
