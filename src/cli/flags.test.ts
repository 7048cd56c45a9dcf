import { Command as Program } from "commander";
import { expect, suite, test } from "vitest";
import { z } from "zod";
import { defineCommand } from "../core/command.ts";
import { declareFlags, defaultsOf, readValues } from "./flags.ts";

const plain = { name: "paint", summary: "Paint", examples: [], run: () => undefined };
const command = defineCommand({
  ...plain,
  args: z.tuple([z.string().meta({ label: "wall" }).describe("where"), z.string().optional().meta({ label: "room" })]),
  options: z.object({
    coatCount: z.number().int().min(1).default(2).describe("how often"),
    color: z.enum(["red", "green"]).default("red").describe("in what"),
    dry: z.boolean().default(true).describe("wait for it"),
    glossy: z.boolean().default(false).describe("with shine"),
    tools: z.array(z.string()).optional().describe("brush and so on"),
    budget: z.number().optional().describe("in euros"),
  }),
});

function read(line: string, of: Parameters<typeof declareFlags>[1] = command) {
  const program = new Program().exitOverride().configureOutput({ writeErr: () => {} });
  declareFlags(program, of);
  let values: ReturnType<typeof readValues> | undefined;
  program.action((...all) => {
    values = readValues(of, all.slice(0, -2), program.opts());
  });
  program.parse(line.split(" "), { from: "user" });
  return values!;
}

suite("flags", () => {
  test("defaults come from the schema", () => {
    const options = { coatCount: 2, color: "red", dry: true, glossy: false };
    expect(read("north")).toEqual({ args: ["north"], options });
  });
  test("what holds where nothing is said is known without parsing: a run keeps it", () => {
    expect(defaultsOf(command)).toEqual({ coatCount: 2, color: "red", dry: true, glossy: false });
  });
  test("text becomes what the schema wants", () => {
    const { args, options } = read(
      "north hall --coat-count 3 --color green --no-dry --glossy --tools a b --budget -1.5",
    );
    expect(args).toEqual(["north", "hall"]);
    expect(options).toEqual({
      coatCount: 3,
      color: "green",
      dry: false,
      glossy: true,
      tools: ["a", "b"],
      budget: -1.5,
    });
  });
  test("a wrong value is named as it was typed", () => {
    expect(() => read("north --coat-count many")).toThrow(
      '--coat-count: expected a whole number of at least 1, got "many"',
    );
    expect(() => read("north --coat-count 0")).toThrow("--coat-count: expected a whole number of at least 1, got 0");
    expect(() => read("north --coat-count ")).toThrow('--coat-count: expected a whole number of at least 1, got ""');
    expect(() => read("north --color gren")).toThrow("Allowed choices are red, green");
    expect(() => read("")).not.toThrow(); // one empty word is a word
  });
  test("missing and surplus words are refused", () => {
    expect(() => read("--glossy")).toThrow("missing required argument 'wall'");
    expect(() => read("a b c")).toThrow("too many arguments");
  });
  test("a list of words takes any number", () => {
    const words = defineCommand({ ...plain, args: z.array(z.string().min(2)).meta({ label: "name" }) });
    expect(read("ab cd", words).args).toEqual(["ab", "cd"]);
    expect(() => read("ab c", words)).toThrow("name: expected text of at least 2 characters");
  });
  test("a required option must be there", () => {
    const strict = defineCommand({
      ...plain,
      args: z.array(z.string()),
      options: z.object({ to: z.string().describe("whither") }),
    });
    expect(() => read("north", strict)).toThrow("required option '--to <text>' not specified");
  });
});
