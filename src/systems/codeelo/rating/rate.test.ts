/** From attempts to a rating: scoring, places, fields, orders of attempts, protocols. */
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { compareRatings } from "./compare.ts";
import { makeContest, protocol } from "./contest.fixtures.ts";
import { fairRating, repoRating } from "./contest-rating.ts";
import { protocolDifferences } from "./protocol.ts";
import { rateContests } from "./rate.ts";
import type { JudgedContest } from "./schemas.ts";
import { placeOf, scoreOverOrders, scoreProblem } from "./score.ts";
import { fieldOf } from "./standings.ts";

const [yes, no] = [{ accepted: true }, { accepted: false }];
const judged = (id: string, attempts: JudgedContest["attempts"], points?: (number | null)[]): JudgedContest => ({
  contest: makeContest(id, points),
  attempts,
});

suite("scores", () => {
  const [worth500, icpc] = [
    { index: "A", points: 500, tags: [] },
    { index: "A", tags: [] },
  ];
  test("each wrong attempt costs 50 points, never below nothing", () => {
    const points = [0, 3, 12].map((wrongCount) => scoreProblem(worth500, { wrongCount }).points);
    expect(points).toEqual([500, 350, 0]);
    expect(scoreProblem(worth500, { wrongCount: null })).toEqual({ points: 0, penalty: 0 });
  });
  test("where problems count one, each costs ten minutes, and time counts", () => {
    expect(scoreProblem(icpc, { wrongCount: 2 })).toEqual({ points: 1, penalty: 20 });
    expect(scoreProblem(icpc, { wrongCount: 2, minute: 31 })).toEqual({ points: 1, penalty: 51 });
  });
  test("with a minute, points fall as for people, to three tenths at least", () => {
    expect(scoreProblem(worth500, { wrongCount: 1, minute: 50 }).points).toBe(500 - 100 - 50);
    expect(scoreProblem(worth500, { wrongCount: 4, minute: 120 }).points).toBe(150);
  });
  test("orders of attempts: two of three right", () => {
    // First right at once in 2 of 3 orders, after one wrong in 1 of 3.
    expect(scoreOverOrders([worth500], [{ attempts: 3, accepted: 2 }])).toEqual([
      { points: 500, penalty: 0, probability: expect.closeTo(2 / 3, 12) },
      { points: 450, penalty: 0, probability: expect.closeTo(1 / 3, 12) },
    ]);
  });
  test("places: who is better, who is equal", () => {
    const entry = (points: number, penalty: number) => ({ handle: "", points, penalty, rating: 1500 });
    const field = [entry(3, 10), entry(2, 5), entry(2, 20), entry(2, 20), entry(1, 0)];
    expect(placeOf({ points: 2, penalty: 20 }, field)).toEqual({ ahead: 2, tied: 2 });
    expect(placeOf({ points: 2, penalty: 7 }, field)).toEqual({ ahead: 2, tied: 0 });
    expect(placeOf({ points: 0, penalty: 0 }, field)).toEqual({ ahead: 5, tied: 0 });
  });
});

suite("the field", () => {
  test("keeps official participants with a rating, and counts the others", () => {
    const contest = makeContest("1");
    contest.rows.push({ party: { members: [{ handle: "stranger" }] }, points: 9999, penalty: 0 });
    contest.rows[0]!.party.participantType = "OUT_OF_COMPETITION";
    expect(fieldOf(contest)).toMatchObject({ droppedCount: 2, entries: { length: 249 } });
  });
  test("is refused when small, and people may not stand in it twice", () => {
    const contest = makeContest("1");
    contest.rows.push(contest.rows[0]!);
    expect(() => fieldOf(contest)).toThrow("contest 1: p0 stands twice in the standings");
    const small = makeContest("2");
    small.rows.length = 200;
    expect(fieldOf(small)).toEqual({ skip: "200 rated participants, 200 are too few" });
  });
  test("newcomers with 0 may be given another rating", () => {
    const contest = makeContest("1");
    contest.ratingChanges[7]!.oldRating = 0;
    const field = fieldOf(contest, { newcomerRating: 1400 });
    expect("entries" in field && field.entries.find(({ handle }) => handle === "p7")?.rating).toBe(1400);
  });
});

suite("rateContests", () => {
  const attempts = { A: [no, yes], B: [yes, yes], C: [no, no] };

  test("one contest: score, place, fair and published rating agree with their parts", () => {
    const rating = rateContests([judged("1", attempts)], protocol);
    const [contest] = rating.contests;
    expect(contest).toMatchObject({ solved: 2, points: 450 + 1000, participants: 250, censored: null });
    const field = fieldOf(makeContest("1"));
    if ("skip" in field) throw new Error(field.skip);
    const ratings = field.entries.map((entry) => entry.rating);
    const place = placeOf({ points: 1450, penalty: 0 }, field.entries);
    expect(contest!.rating).toBe(fairRating(place, ratings).rating);
    expect(rating.repo).toBe(repoRating(place, ratings));
    expect(rating.mean).toMatchObject({ value: contest!.rating, low: -Infinity });
  });
  test("twenty contests, as the published code rates them: every whole number is the same", () => {
    const rng = new Random(3);
    const contests = Array.from({ length: 20 }, (_, round) => {
      const contest = makeContest(String(2000 + round), round % 3 === 2 ? [null, null, null, null] : undefined);
      const attempts = contest.problems.map(({ index }) => [
        index,
        Array.from({ length: 8 }, () => ({ accepted: rng.bool(round / 25) })),
      ]);
      return { contest, attempts: Object.fromEntries(attempts), protocol: { ...protocol, attempts: 8 } };
    });
    const { contests: rated } = rateContests(contests, { ...protocol, attempts: 8 });
    // What calc_elo_rating of QwenLM/CodeElo returned for these standings and verdicts.
    expect(rated.map(({ repoRating: whole }) => whole)).toEqual([
      198, 1219, 1323, 1870, 2215, 2610, 2446, 2023, 2339, 1906, 2189, 2419, 2206, 2327, 2173, 2298, 2250, 2281, 2219, 2207,
    ]); // biome-ignore format: a row of numbers
  });
  test("the expectation over orders lies between the best and the worst order", () => {
    const at = (list: boolean[]) =>
      rateContests([judged("1", { A: list.map((accepted) => ({ accepted })), B: [yes], C: [] })], protocol);
    const [best, worst] = [at([true, false, false]), at([false, false, true])];
    expect(best.mean.value).toBeGreaterThan(worst.mean.value);
    expect(best.overOrders).toBeCloseTo(worst.overOrders, 9);
    expect(best.overOrders).toBeLessThan(best.mean.value);
    expect(best.overOrders).toBeGreaterThan(worst.mean.value);
  });
  test("solving nothing and beating everybody are bounds, and counted", () => {
    const none = judged("1", { A: [no], B: [no], C: [no] });
    const every = judged("2", { A: [yes], B: [yes], C: [yes] });
    const rating = rateContests([none, every, judged("3", attempts)], protocol);
    expect(rating.contests.map(({ censored }) => censored)).toEqual([null, "top", null]);
    expect(rating.censoredShare).toBeCloseTo(1 / 3, 12);
    expect(Number.isFinite(rating.likelihood.value)).toBe(true);
  });
  test("a contest with an attempt that could not be judged is left out, by name", () => {
    const broken = judged("2", { ...attempts, B: [{ accepted: null }] });
    const rating = rateContests([judged("1", attempts), broken], protocol);
    expect(rating.skipped).toEqual([{ id: "2", name: "Round 2", why: "not all attempts were judged (B)" }]);
    expect(() => rateContests([broken], protocol)).toThrow("No contest can be rated (2: not all attempts");
  });
  test("with minutes for every solution there is a timed rating, and it is lower", () => {
    const timed = { A: [{ accepted: true, minute: 20 }], B: [{ accepted: true, minute: 90 }], C: [no] };
    const rating = rateContests([judged("1", timed)], protocol);
    expect(rating.timed!.value).toBeLessThan(rating.mean.value);
    expect(rateContests([judged("1", attempts)], protocol).timed).toBe(undefined);
  });
  test("ICPC contests are placed by solved problems and penalty", () => {
    const rating = rateContests([judged("1", attempts, [null, null, null])], protocol);
    expect(rating.contests[0]).toMatchObject({ points: 2, penalty: 10 });
  });
});

suite("compare", () => {
  const a = rateContests(
    ["1", "2", "3"].map((id) => judged(id, { A: [yes], B: [no], C: [no] })),
    protocol,
  );
  const b = rateContests(
    ["1", "2", "3"].map((id) => judged(id, { A: [yes], B: [yes], C: [no] })),
    protocol,
  );
  test("the same contests are paired", () => {
    const { difference, contestCount } = compareRatings(a, b);
    expect(contestCount).toBe(3);
    expect(difference.low).toBeGreaterThan(0);
    expect(compareRatings(a, a).difference).toMatchObject({ value: 0, low: 0, high: 0 });
  });
  test("different protocols are refused, by field, unless forced", () => {
    const other = { ...b, protocol: { ...protocol, attempts: 8 } };
    expect(() => compareRatings(a, other)).toThrow("different protocols: attempts: 2 against 8");
    expect(compareRatings(a, other, { force: true }).contestCount).toBe(3);
    expect(protocolDifferences(protocol, protocol)).toEqual([]);
    const sampling = { topP: 1, temperature: 0.7 };
    const turned = { temperature: 0.7, topP: 1 };
    expect(protocolDifferences({ ...protocol, sampling }, { ...protocol, sampling: turned })).toEqual([]);
  });
});
