import { expect, test } from "vitest";
import { judgeClaim } from "../../../core/claim.ts";
import { type ContestExperiment, type Entrant, entrantNames } from "../coder/experiment.ts";
import type { Rating } from "../rating/rate.ts";
import { contestFindings } from "./contests.ts";

/** Ratings around `base`, and so many of eight programs right on seen and on held-out problems. */
function entrant(at: number, base: number, seen: number, heldOut: number): Entrant {
  const contests = Array.from({ length: 20 }, (_, round) => ({ rating: base + 20 * ((round % 5) - 2) }));
  const mean = { value: base, low: base - 20, high: base + 20, level: 0.95 };
  return {
    name: entrantNames[at]!,
    rating: { mean, likelihood: mean, censoredShare: 0, contests } as unknown as Rating,
    problems: contests.flatMap(() => [
      { family: "keep", isHeldOut: false, right: seen },
      { family: "view-keep", isHeldOut: true, right: heldOut },
    ]),
  };
}

function verdictsOf(...entrants: Entrant[]): Record<string, string | null> {
  const experiment: ContestExperiment = { seed: 0, entrants, judgedCount: 1, rejectedReferences: 0 };
  const { rows } = contestFindings([experiment]);
  const frame = { system: "", paper: "", mode: "quick" as const, seeds: [0], device: "", durationMs: 0 };
  return Object.fromEntries(judgeClaim({ ...frame, rows }).rows.map(({ id, verdict }) => [id, verdict]));
}

test("a model that learns bears every row out", () => {
  const verdicts = verdictsOf(
    entrant(0, 300, 0, 0),
    entrant(1, 800, 3, 1),
    entrant(2, 1100, 6, 2),
    entrant(3, 1400, 7, 2),
  );
  const { C1, ...judged } = verdicts;
  expect(C1).toBeNull();
  expect(Object.values(judged)).toEqual(Array(6).fill("reproduced"));
});

test("one that stays where it was after 10 % does not, nor one that is as good on unseen families", () => {
  const verdicts = verdictsOf(entrant(0, 300, 0, 0), ...[1, 2, 3].map((at) => entrant(at, 800, 3, 3)));
  expect(verdicts).toMatchObject({
    C2: "not reproduced",
    C4: "not reproduced",
    C5: "not reproduced",
    C7: "not reproduced",
  });
});
