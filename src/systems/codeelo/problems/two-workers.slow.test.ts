/** Verdicts do not hang on how many programs are judged beside each other. */
import { expect, test } from "vitest";
import { families } from "./catalog/index.ts";
import { tellTruth } from "./truth.ts";
import { buildProblems, judgedSuite, openTruthJudge } from "./truth-suite.fixtures.ts";

judgedSuite("two workers and one", () => {
  test("two full runs give identical verdicts, on every twelfth family at three levels", async () => {
    const [together, alone] = [await openTruthJudge(2), await openTruthJudge(1)];
    const sample = families.filter((_, index) => index % 12 === 0);
    const problems = await buildProblems(together, sample);
    const verdicts = async (judge: typeof together) => {
      const { pairs } = await tellTruth(judge, problems, { fresh: true });
      return pairs.map(({ problem, program, verdict }) => `${problem} ${program} ${verdict}`);
    };
    const one = await verdicts(together);
    expect(one.length).toBeGreaterThan(120);
    expect(await verdicts(alone)).toEqual(one);
  });
});
