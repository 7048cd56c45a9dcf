/** A contest with a field of known results, as the Codeforces API gives it. */
import type { z } from "zod";
import { Random } from "../../../core/random.ts";
import type { Protocol } from "./protocol.ts";
import { Contest } from "./standings.ts";

/** 250 people; the better the rating the more points, with some noise. `points` null makes it ICPC. */
export function makeContest(id: string, points: readonly (number | null)[] = [500, 1000, 1500]): Contest {
  const rng = new Random(`contest ${id}`);
  const problems = points.map((value, index) => ({
    index: String.fromCharCode(65 + index),
    tags: [],
    ...(value !== null && { points: value }),
  }));
  const people = Array.from({ length: 250 }, (_, i) => ({
    handle: `p${i}`,
    oldRating: Math.round(1400 + 300 * rng.normal()),
  }));
  const rows = people.map(({ handle, oldRating }) => {
    let [sum, penalty] = [0, 0];
    for (const [index, value] of points.entries()) {
      if (rng.next() > 1 / (1 + 10 ** ((1000 + 400 * index - oldRating) / 400))) continue;
      const minute = rng.int(5, 110);
      sum += value === null ? 1 : Math.max(0.3 * value, value - (value / 250) * minute);
      if (value === null) penalty += minute;
    }
    return { party: { members: [{ handle }] }, points: sum, penalty };
  });
  const input: z.input<typeof Contest> = {
    contest: { id, name: `Round ${id}` },
    problems,
    rows,
    ratingChanges: people,
  };
  return Contest.parse(input);
}

export const protocol: Protocol = {
  contests: ["1"],
  attempts: 2,
  submits: "all",
  language: "C++",
  judge: "test",
  sampling: { temperature: 0.7 },
  scoring: "minute-0",
  ties: "mid",
  newcomerRating: "as is",
};
