import { spawnSync } from "node:child_process";
import { expect, suite, test } from "vitest";
import { extractCode } from "./extract-code.ts";
import { wrapFunction } from "./functional.ts";

const fence = "```";
const block = (tag: string, source: string) => `${fence}${tag}\n${source}\n${fence}`;

suite("extractCode", () => {
  test("takes the last complete block: models improve on drafts", () => {
    const answer = `First try:\n${block("cpp", "int a;")}\nBetter:\n${block("C++", "int b;")}\nDone.`;
    expect(extractCode(answer)).toEqual({ source: "int b;\n", language: "cpp", tag: "c++", choice: "last block" });
  });
  test("blocks inside the thinking do not count", () => {
    const answer = `<think>${block("python", "draft()")}</think>${block("python", "final()")}`;
    expect(extractCode(answer)).toMatchObject({ source: "final()\n", language: "python" });
    expect(extractCode(`<think>${block("python", "draft()")}</think>I give up.`)).toEqual({ reason: "no code" });
  });
  test("a block that the token limit cut is better than none, and no better than a complete one", () => {
    expect(extractCode(`${fence}python\nprint(1`)).toMatchObject({ source: "print(1\n", choice: "unfinished block" });
    const answer = `${block("python", "print(1)")}\nand then\n${fence}python\nprint(2`;
    expect(extractCode(answer)).toMatchObject({ source: "print(1)\n", choice: "last block" });
  });
  test("no tag is the language asked for; blocks of other languages are passed over", () => {
    expect(extractCode(block("", "x = 1"), "python")).toMatchObject({ language: "python", tag: "" });
    const answer = `${block("py3", "print(1)")}\nwhich prints\n${block("text", "1")}`;
    expect(extractCode(answer)).toMatchObject({ source: "print(1)\n", language: "python" });
    expect(extractCode(block("haskell", "main = pure ()"))).toEqual({
      reason: 'the language "haskell" is not judged here',
    });
  });
  test("longer fences hold shorter ones, tildes are fences, attributes are no tags", () => {
    const answer = `~~~~{.cpp title="a"}\n// ${fence}\n${fence}\nint x;\n~~~~`;
    expect(extractCode(answer)).toMatchObject({ source: `// ${fence}\n${fence}\nint x;\n`, language: "cpp" });
  });
  test("an answer that is nothing but a program", () => {
    expect(extractCode("#include <iostream>\nint main() {}")).toMatchObject({
      choice: "whole answer",
      language: "cpp",
    });
    expect(extractCode("")).toEqual({ reason: "no code" });
    expect(extractCode(`${fence}\n${fence}`)).toEqual({ reason: "no code" });
  });
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;
test.skipIf(!hasPython)("wrapFunction: a method becomes a program (needs python3)", () => {
  const solution =
    "class Solution:\n    def twoSum(self, nums: List[int], target: int):\n        return [nums, target]";
  const { stdout, status } = spawnSync("python3", ["-c", wrapFunction(solution, "twoSum")], { input: "[1, 2]\n3\n" });
  expect([status, JSON.parse(String(stdout))]).toEqual([0, [[1, 2], 3]]);
  const bare = spawnSync("python3", ["-c", wrapFunction("def f(s):\n    return s[::-1]", "f")], { input: '"ab"' });
  expect(String(bare.stdout).trim()).toBe('"ba"');
  expect(() => wrapFunction("", "f(); import os")).toThrow("is no name");
});
