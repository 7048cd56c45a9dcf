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
