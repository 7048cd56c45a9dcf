import { expect, suite, test } from "vitest";
import { fakeEndpoint } from "../../../endpoint/fake-endpoint.fixtures.ts";
import { checkAnswer, checkersOf, codeTestsChecker, endpointChecker } from "./checkers.ts";

suite("checkAnswer", () => {
  test.each([
    ["maths", "1/2", "0.5", true],
    ["maths", "0.333", "1/3", false],
    ["number", "18 dollars", "$18", true],
    ["set", "{2, 1}", "1, 2", true],
    ["regex", "about 42", "(about )?4\\d", true],
    ["exact", "1/2", "0.5", false],
  ] as const)("%s: %s against %s", async (name, answer, expected, correct) => {
    expect(await checkAnswer(checkersOf(name), answer, expected)).toMatchObject({ correct });
  });

  test("no answer is wrong, whoever judges", async () => {
    const judge = fakeEndpoint(() => '{"result": true}');
    expect(await checkAnswer(checkersOf("maths", endpointChecker(judge)), null, "7")).toEqual({
      correct: false,
      how: "no answer",
    });
    expect(judge.calls).toHaveLength(0);
  });

  test("the judge is asked last: not where rules agree, nor about two plain numbers", async () => {
    const judge = fakeEndpoint(() => 'They are the same. {"result": true}');
    const checkers = checkersOf("maths", endpointChecker(judge));
    expect(await checkAnswer(checkers, "0.5", "1/2")).toMatchObject({ correct: true });
    expect(await checkAnswer(checkers, "7", "8")).toMatchObject({ correct: false, how: "number" });
    expect(judge.calls).toHaveLength(0);
    expect(
      await checkAnswer(checkers, "the positive integers", "1, 2, 3, ...", { question: "Which numbers?" }),
    ).toEqual({ correct: true, how: "judge" });
    expect(JSON.stringify(judge.calls[0]!.request)).toContain("Which numbers?");
  });

  test("a judge that twice says nothing readable leaves it open", async () => {
    const judge = fakeEndpoint(() => "hard to say");
    expect(await checkAnswer(checkersOf("maths", endpointChecker(judge)), "all", "every")).toMatchObject({
      correct: null,
    });
    expect(judge.calls).toHaveLength(2);
  });

  test("programs are run by whatever is given, without their fences", async () => {
    const programs: string[] = [];
    const checker = codeTestsChecker(async (program, tests) => {
      programs.push(`${tests}: ${program}`);
      return { passed: program.includes("return") };
    });
    expect(await checkAnswer([checker], "Here:\n```python\nreturn 1\n```", "cases.json")).toEqual({
      correct: true,
      how: "tests",
    });
    expect(programs).toEqual(["cases.json: return 1\n"]);
  });
});
