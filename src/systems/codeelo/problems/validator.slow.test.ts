/** Validators that are programs, held to the rules that they are made of. */
import { expect, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { buildProblem } from "./build.ts";
import { families } from "./catalog/index.ts";
import { constantsOf } from "./family.ts";
import { parseFormat, validateInput } from "./format.ts";
import { judgedSuite, openTruthJudge } from "./truth-suite.fixtures.ts";

judgedSuite("validators", () => {
  test("validators as programs agree with ours, on right inputs and damaged ones", async () => {
    const judge = await openTruthJudge();
    const random = new Random(5);
    for (const family of families) {
      const problem = await buildProblem(judge, family, 1, 2);
      const { executable } = await judge.compile(problem.validator!);
      const inputs = problem.tests.slice(0, 3).map(({ input }) => input);
      const damaged = inputs.map((input) => {
        const at = random.int(0, input.length - 1);
        return `${input.slice(0, at)}${random.choice(["9", " ", "\n", "-"])}${input.slice(at + random.int(0, 1))}`;
      });
      for (const input of [...inputs, ...damaged]) {
        const ours = validateInput(parseFormat(family.format), constantsOf(family, 1), input, family.pattern);
        const { exitCode } = await executable!.run({ stdin: input, memoryBytes: 256 * 2 ** 20 });
        expect([family.name, input, exitCode === 0]).toEqual([family.name, input, ours === undefined]);
      }
    }
  });
});
