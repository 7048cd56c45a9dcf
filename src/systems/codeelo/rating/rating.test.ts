/** Rating maths: numbers worked by hand, properties, and independent implementations where a formula is long. */
import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { codeforcesUpdate, worstRanks } from "./codeforces-update.ts";
import { fairRating, repoRating } from "./contest-rating.ts";
import { expectedAhead, ratingWithAhead, winProbability } from "./expected-place.ts";
import { likelihoodRating, meanRating } from "./likelihood.ts";
import { passAtK, wrongBeforeFirst } from "./pass-at-k.ts";

const randomField = (rng: Random, size: number) =>
  Array.from({ length: size }, () => Math.round(1400 + 350 * rng.normal()));

suite("Elo's curve", () => {
  test("400 points are odds of ten to one, and two players' chances add up to one", () => {
    expect(winProbability(1900, 1500)).toBeCloseTo(10 / 11, 12);
    expect(winProbability(1234, 1987) + winProbability(1987, 1234)).toBeCloseTo(1, 12);
  });
});

suite("fair contest rating", () => {
  test("against equals, half of them ahead is their rating", () => {
    expect(fairRating({ ahead: 50, tied: 0 }, Array(100).fill(1500))).toEqual({ rating: 1500, censored: null });
    // 10 of 110 ahead: each is beaten ten times in eleven
    expect(fairRating({ ahead: 10, tied: 0 }, Array(110).fill(1500)).rating).toBeCloseTo(1900, 6);
  });
  test("a tie counts half", () => {
    const field = randomField(new Random(1), 300);
    expect(fairRating({ ahead: 40, tied: 20 }, field).rating).toBe(fairRating({ ahead: 50, tied: 0 }, field).rating);
  });
  test("at the rating found, the expected place is the place: within 1e-6, for every place that is not censored", () => {
    const field = randomField(new Random(2), 250);
    for (let ahead = 1; ahead < 250; ahead++) {
      const { rating, censored } = fairRating({ ahead, tied: 0 }, field);
      expect(censored).toBe(null);
      expect(Math.abs(expectedAhead(rating, field) - ahead)).toBeLessThan(1e-6);
    }
  });
  test("first and last are marked as bounds, and lie beyond second and last but one", () => {
    const field = randomField(new Random(3), 250);
    const at = (ahead: number) => fairRating({ ahead, tied: 0 }, field);
    expect([at(0).censored, at(250).censored]).toEqual(["top", "bottom"]);
    expect(at(0).rating).toBeGreaterThan(at(1).rating);
    expect(at(250).rating).toBeLessThan(at(249).rating);
    expect(() => fairRating({ ahead: 0, tied: 0 }, [])).toThrow("the field is empty");
  });
  test("fewer ahead never lowers the rating", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100, max: 4000 }), { minLength: 3, maxLength: 40 }), (field) => {
        const ratings = field.slice(1).map((_, index) => ratingWithAhead(index + 0.5, field));
        expect(ratings.every((rating, index) => index === 0 || rating <= ratings[index - 1]!)).toBe(true);
      }),
    );
  });
});

suite("the published code's contest rating", () => {
  /** Written from the description in another way: a scan over all whole ratings from the top. */
  function scan(rank: number, field: readonly number[]): number {
    const top = Math.max(...field) + 100;
    for (let x = top - 1; x > 0; x--) {
      let seed = 1;
      for (const rating of field) seed += 1 / (1 + 10 ** ((x - rating) / 400));
      if (seed >= rank) return x;
    }
    return 0;
  }
  test("equals a scan of all whole ratings, for 20 contests", () => {
    const rng = new Random("contests");
    for (let contest = 0; contest < 20; contest++) {
      const field = randomField(rng, rng.int(201, 600));
      const rank = contest === 0 ? 0 : contest === 1 ? field.length : rng.int(0, field.length);
      const ahead = rng.int(0, rank);
      expect(repoRating({ ahead, tied: rank - ahead }, field)).toBe(scan(rank, field));
    }
  });
  test("first place is the cap, and its places are one person better than fair ones", () => {
    const field = randomField(new Random(4), 300);
    expect(repoRating({ ahead: 0, tied: 0 }, field)).toBe(Math.max(...field) + 99);
    const fair = fairRating({ ahead: 99, tied: 0 }, field).rating;
    expect(repoRating({ ahead: 100, tied: 0 }, field)).toBe(Math.floor(fair));
  });
});

suite("Codeforces's update", () => {
  test("five players, worked by hand", () => {
    // All 1500: each expects place 1 + 4/2 = 3. The winner: sqrt(3 * 1) = 1.732 is the rank of 1 + 5 / (1 + 10^d) at
    // d = log10(5 / 0.732 - 1) = 0.7654, that is 1806.2, so 1806: change 153. Second: 2.449, d = 0.3895, 1655: 77.
    // Third: 3, d = 0.1761, 1570: 35. Fourth: 3.464, d = 0.0125, 1505: 2. Fifth: 3.873,
    // d = -0.1309, 1447: -26. Sum 241, so each loses 48 + 1: 104, 28, -14, -47, -75. The top 4 * round(sqrt 5) = 8,
    // that is all five, sum to -4: trunc(4 / 5) = 0, nothing more.
    const contestants = [1, 2, 3, 4, 5].map((rank) => ({ rating: 1500, rank }));
    expect(codeforcesUpdate(contestants)).toEqual([104, 28, -14, -47, -75]);
  });
  test("equal results get the worst place of the tie", () => {
    expect(worstRanks([30, 20, 20, 10, 40])).toEqual([2, 4, 4, 5, 1]);
  });
  test("400 players: equals an implementation without tables or groups", () => {
    const rng = new Random("update");
    const ratings = randomField(rng, 400);
    const ranks = worstRanks(ratings.map((rating) => Math.round((rating + 300 * rng.normal()) / 50)));
    const contestants = ratings.map((rating, index) => ({ rating, rank: ranks[index]! }));
    expect(codeforcesUpdate(contestants)).toEqual(plainUpdate(contestants));
  });

  function plainUpdate(contestants: { rating: number; rank: number }[]): number[] {
    const chance = (a: number, b: number) => 1 / (1 + 10 ** ((b - a) / 400));
    const seedOf = (x: number) => contestants.reduce((seed, { rating }) => seed + chance(rating, x), 1);
    const deltas = contestants.map(({ rating, rank }, own) => {
      let seed = 1;
      for (const [other, { rating: theirs }] of contestants.entries())
        if (other !== own) seed += chance(theirs, rating);
      const wanted = Math.sqrt(seed * rank);
      let needed = 1;
      for (let bit = 4096; bit >= 1; bit /= 2) if (needed + bit < 8000 && seedOf(needed + bit) >= wanted) needed += bit;
      return Math.trunc((needed - rating) / 2);
    });
    const shift = Math.trunc(-deltas.reduce((a, b) => a + b, 0) / deltas.length) - 1;
    for (const i of deltas.keys()) deltas[i]! += shift;
    const order = [...contestants.keys()].sort((a, b) => contestants[b]!.rating - contestants[a]!.rating || a - b);
    const top = order.slice(0, Math.min(400, 4 * Math.round(Math.sqrt(400))));
    const sum = top.reduce((total, i) => total + deltas[i]!, 0);
    const topShift = Math.min(0, Math.max(-10, Math.trunc(-sum / top.length)));
    return deltas.map((delta) => delta + topShift);
  }
});

suite("several contests", () => {
  const field = randomField(new Random(5), 400);
  test("maximum likelihood of one place is the fair rating", () => {
    const { value } = likelihoodRating([{ ahead: 120, tied: 6, field }]);
    expect(value).toBeCloseTo(fairRating({ ahead: 120, tied: 6 }, field).rating, 5);
  });
  test("a contest in which everybody was beaten only raises it", () => {
    const places = [120, 150, 90].map((ahead) => ({ ahead, tied: 0, field }));
    const { value } = likelihoodRating(places);
    const more = likelihoodRating([...places, { ahead: 0, tied: 0, field }]);
    expect(more.value).toBeGreaterThan(value);
    expect(Number.isFinite(more.high)).toBe(true);
    expect(likelihoodRating([{ ahead: 0, tied: 0, field }])).toMatchObject({ value: Infinity, high: Infinity });
  });
  test("contests that agree give a narrow interval, contests that do not a wide one", () => {
    const width = (places: number[]) => {
      const { low, high } = likelihoodRating(places.map((ahead) => ({ ahead, tied: 0, field })));
      return high - low;
    };
    expect(width([120, 121, 119, 120])).toBeLessThan(20);
    expect(width([20, 220, 60, 180])).toBeGreaterThan(200);
  });
  test("the mean's interval is Student's", () => {
    // 1, 2, 3: mean 2, standard error 1/sqrt(3), t(0.975, 2) = 4.302653
    const { value, low } = meanRating([1, 2, 3]);
    expect([value, low]).toEqual([2, expect.closeTo(2 - 4.302653 / Math.sqrt(3), 5)]);
  });
});

suite("attempts", () => {
  test("pass@k by its definition", () => {
    expect(passAtK(8, 2, 1)).toBeCloseTo(0.25, 12);
    expect(passAtK(8, 2, 4)).toBeCloseTo(1 - (6 * 5 * 4 * 3) / (8 * 7 * 6 * 5), 12);
    expect([passAtK(8, 0, 8), passAtK(8, 1, 8)]).toEqual([0, 1]);
    expect(() => passAtK(8, 9, 1)).toThrow("9 right of 8");
  });
  test("wrong ones before the first right one: chances add up, and their mean is (n - c) / (c + 1)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (n, c) => {
        fc.pre(c <= n);
        const chances = wrongBeforeFirst(n, c);
        expect(chances.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
        expect(chances.reduce((sum, chance, wrong) => sum + chance * wrong, 0)).toBeCloseTo((n - c) / (c + 1), 10);
      }),
    );
    expect(wrongBeforeFirst(5, 0)).toEqual([]);
  });
});
