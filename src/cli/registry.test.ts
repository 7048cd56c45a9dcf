import { expect, suite, test } from "vitest";
import { findEntry, groups, registry } from "./registry.ts";

suite("registry", () => {
  test.each(registry.map((entry) => [entry.name, entry] as const))("%s is as its module says", async (_name, entry) => {
    const command = await entry.load();
    expect([command.name, command.summary]).toEqual([entry.name, entry.summary]);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) expect(example).toMatch(new RegExp(`\\bpolymath ${command.name}\\b`));
  });
  test("all words before the last of a name have a description", () => {
    const holders = registry.flatMap(({ name }) => {
      const words = name.split(" ");
      return words.slice(0, -1).map((_, depth) => words.slice(0, depth + 1).join(" "));
    });
    expect(Object.keys(groups).sort()).toEqual([...new Set(holders)].sort());
  });
  test("the longest name wins", () => {
    const entries = ["a", "a b", "a b c"].map((name) => ({ name }) as (typeof registry)[number]);
    expect(findEntry(["a", "b", "x"], entries)?.name).toBe("a b");
    expect(findEntry(["b"], entries)).toBeUndefined();
  });
});
