/** What the tour measures: the model that ships, in contests judged in the sandbox. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { mean } from "../../core/statistics/index.ts";
import { modelsRoot } from "../../language/models-root.ts";
import { openJudge } from "./judge/judge.ts";
import { tryContests } from "./tour.ts";

const context = { signal: new AbortController().signal, progress: () => ({ update() {}, stop() {} }) };

test("two contests: every reference passes, what it learned is solved, and the rating is that of its places", async () => {
  const judge = await openJudge();
  const options = { model: join(modelsRoot(), "coder"), contestCount: 2, judge, seed: 0, ...context };
  const { rating, problems, judgedCount, rejectedReferences, example } = await tryContests(options);
  expect(rejectedReferences).toBe(0);
  expect(problems.map(({ contest, index }) => `${contest}${index}`)).toEqual(
    [1, 2].flatMap((contest) => [..."ABCDEF"].map((index) => `${contest}${index}`)),
  );
  expect(problems.map(({ isHeldOut }) => isHeldOut)).toEqual(problems.map(({ index }) => index >= "D"));
  const trained = problems.filter(({ isHeldOut }) => !isHeldOut);
  expect(trained.filter(({ right }) => right > 0).length).toBeGreaterThanOrEqual(5);
  expect(judgedCount).toBeGreaterThan(7 * problems.length - 1); // people's programs, and at least one of the model's in all
  expect(rating.contests.map(({ solved }) => solved)).toEqual(
    [1, 2].map((contest) => problems.filter((one) => one.contest === contest && one.right > 0).length),
  );
  expect(rating.mean.value).toBeCloseTo(mean(rating.contests.map((contest) => contest.rating)), 6);
  expect(example!.program).toContain("print(");
});
