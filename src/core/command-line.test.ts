import { expect, test } from "vitest";
import { commandLineOf } from "./command-line.ts";

test("a run's command line: switches, words that need quotes, lists, names of several words", () => {
  const options = {
    full: true,
    quick: false,
    seed: 7,
    maxTokens: 5,
    name: "it's",
    orders: ["a", "b"],
    none: null,
    no: [],
  };
  expect(commandLineOf({ command: "claim", args: ["certaindex", ["x y"]], options })).toBe(
    String.raw`polymath claim certaindex 'x y' --full --seed 7 --max-tokens 5 --name 'it'\''s' --orders a b`,
  );
  expect(commandLineOf({ command: "runs", args: [], options: {} })).toBe("polymath runs");
});

test("what a default gives is left out, and what is on by default can be turned off", () => {
  const defaults = { serve: true, cache: true, seed: 0, steps: 10, orders: ["a"] };
  const options = { serve: false, cache: true, seed: 0, steps: 20, orders: ["a"], out: "here" };
  expect(commandLineOf({ command: "tour", args: [], options, defaults })).toBe(
    "polymath tour --no-serve --steps 20 --out here",
  );
});
