/** Contests of the coder's problems: what people hand in, and what it is worth. */
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { fairRating } from "../rating/contest-rating.ts";
import { fieldOf } from "../rating/standings.ts";
import type { Verdict } from "../schemas.ts";
import { createWorld } from "../world.ts";
import { planContest, playContest, slots, summarizeAttempts } from "./contest.ts";
import { mutantsOf } from "./mutate.ts";
import { bodyOf, heldOutFamilies, sampleTask, trainedFamilies } from "./task.ts";

const world = createWorld(new Random("contest test"), {
  playerCount: 300,
  fieldSize: 250,
  problemCount: 6,
  burnInCount: 20,
});
const planned = planContest(new Random("a contest"));
/** The judge as it should be: the reference alone is right. */
const verdicts = planned.map(({ bodies }) => bodies.map((_, place): Verdict => (place === 0 ? "OK" : "WRONG_ANSWER")));

suite("mutantsOf", () => {
  test("different programs, none the reference, for every family; the same seed gives the same ones", () => {
    for (const family of [...trainedFamilies, ...heldOutFamilies]) {
      const task = sampleTask(new Random(family), family, "contests");
      const mutants = mutantsOf(task, 6, new Random(1));
      expect(new Set([...mutants, bodyOf(task)]).size).toBe(7);
      expect(mutantsOf(task, 6, new Random(1))).toEqual(mutants);
    }
  });
});

suite("contests", () => {
  test("half of the slots hold families that training never saw", () => {
    expect(planned.map(({ family }) => heldOutFamilies.includes(family))).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(planned.map(({ bodies }) => bodies.length)).toEqual(slots.map(() => 7));
  });

  test("who is better rated scores more, and a score is worth about the rating of those who reach it", () => {
    const contest = playContest("1", planned, verdicts, world, new Random("play"));
    const field = fieldOf(contest);
    if ("skip" in field) throw new Error(field.skip);
    expect(field.entries).toHaveLength(250);
    const third = Math.floor(field.entries.length / 3);
    const meanRating = (entries: typeof field.entries) =>
      entries.reduce((sum, { rating }) => sum + rating, 0) / entries.length;
    expect(meanRating(field.entries.slice(0, third))).toBeGreaterThan(meanRating(field.entries.slice(-third)) + 100);
    const { rating } = fairRating(
      { ahead: 125, tied: 0 },
      field.entries.map((entry) => entry.rating),
    );
    expect(Math.abs(rating - meanRating(field.entries))).toBeLessThan(60);
  });

  test("a wrong program scores nothing, whoever hands it in", () => {
    const allWrong = verdicts.map((row) => row.map((): Verdict => "WRONG_ANSWER"));
    const contest = playContest("1", planned, allWrong, world, new Random("play"));
    expect(contest.rows.every(({ points }) => points === 0)).toBe(true);
  });

  test("a mutant that the judge finds right counts", () => {
    const allRight = verdicts.map((row) => row.map((): Verdict => "OK"));
    const solved = (some: Verdict[][]) =>
      playContest("1", planned, some, world, new Random("play")).rows.filter(({ points }) => points > 0).length;
    expect(solved(allRight)).toBeGreaterThan(solved(verdicts));
  });

  test("attempts go to the rating under the problem's letter", () => {
    const attempts = summarizeAttempts(planned.slice(0, 1), [["WRONG_ANSWER", "OK"]]);
    expect(attempts).toEqual({
      A: [
        { accepted: false, verdict: "WRONG_ANSWER" },
        { accepted: true, verdict: "OK" },
      ],
    });
  });
});
