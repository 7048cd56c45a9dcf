/**
 * Contests of the coder's problems with a field of simulated people who hand in real programs: the reference or a mutant,
 * whichever their skill lets them find. Their verdicts are the judge's, so a mutant that happens to be right counts.
 * Source: section 6 C of the CodeElo specification. People, ratings and luck are those of world.ts; how hard a problem is for
 * people is set by its slot, from its number of operations: nothing in the model's world says how hard it is for a person.
 */
import type { Random } from "../../../core/random.ts";
import type { AttemptSummary } from "../rating/schemas.ts";
import { type ProblemOutcome, scoreContest } from "../rating/score.ts";
import { Contest } from "../rating/standings.ts";
import type { Verdict } from "../schemas.ts";
import { contestMinutes, HUMAN, meetProblem, type World } from "../world.ts";
import { mutantsOf } from "./mutate.ts";
import { bodyOf, type FamilyName, sampleTask, type Task } from "./task.ts";

export interface Slot {
  index: string;
  families: readonly FamilyName[];
  /** For people, on Codeforces's scale. */
  difficulty: number;
  points: number;
}

/** The last three are of families that no model was trained on. */
export const slots: readonly Slot[] = [
  { index: "A", families: ["plain", "keep", "map", "view"], difficulty: 900, points: 500 },
  { index: "B", families: ["keep-map", "map-keep", "keep-view", "view-map"], difficulty: 1200, points: 1000 },
  {
    index: "C",
    families: ["keep-view-map", "map-keep-view", "view-map-keep", "keep-map-keep"],
    difficulty: 1500,
    points: 1500,
  },
  { index: "D", families: ["view-keep", "map-view"], difficulty: 1800, points: 2000 },
  { index: "E", families: ["view-keep-map"], difficulty: 2100, points: 2500 },
  { index: "F", families: ["map-view-map"], difficulty: 2400, points: 3000 },
];

const peopleCount = 250;
const mutantCount = 6;

export interface PlannedProblem extends Slot {
  family: FamilyName;
  task: Task;
  /** What people hand in: the reference first. */
  bodies: readonly string[];
}

export function planContest(rng: Random): PlannedProblem[] {
  return slots.map((slot) => {
    const stream = rng.split(slot.index);
    const family = stream.choice(slot.families);
    const task = sampleTask(stream, family, "contests");
    return { ...slot, family, task, bodies: [bodyOf(task), ...mutantsOf(task, mutantCount, stream.split("mutants"))] };
  });
}

/**
 * The contest as Codeforces would give it.
 * @param verdicts by problem, of its `bodies`
 */
export function playContest(
  id: string,
  problems: readonly PlannedProblem[],
  verdicts: readonly (readonly Verdict[])[],
  world: World,
  rng: Random,
): Contest {
  const everybody = Array.from(world.skills, (_, person) => person);
  const people = rng.split("people").shuffle(everybody).slice(0, peopleCount);
  const contestProblems = problems.map(({ index, points, difficulty }) => ({
    index,
    points,
    rating: difficulty,
    tags: [],
  }));
  const rows = people.map((person) => {
    const outcomes = playPerson(world.skills[person]!, problems, verdicts, rng.split(`person ${person}`));
    return { party: { members: [{ handle: `p${person}` }] }, ...scoreContest(contestProblems, outcomes) };
  });
  const ratingChanges = people.map((person) => ({ handle: `p${person}`, oldRating: world.ratings[person]! }));
  return Contest.parse({
    contest: { id, name: `Coder round ${id}`, type: "CF" },
    problems: contestProblems,
    rows,
    ratingChanges,
  });
}

/** From the easiest problem on, until the time is over; a wrong program costs an attempt, as with people. */
function playPerson(
  skill: number,
  problems: readonly PlannedProblem[],
  verdicts: readonly (readonly Verdict[])[],
  rng: Random,
): ProblemOutcome[] {
  let minute = 0;
  return problems.map(({ difficulty, bodies }, at) => {
    const { chance, minutes } = meetProblem(skill, difficulty, rng);
    minute += minutes;
    if (minute > contestMinutes) return { wrongCount: null };
    for (let wrongCount = 0; wrongCount < HUMAN.attempts; wrongCount++) {
      const choice = rng.bool(chance) ? 0 : rng.int(1, bodies.length - 1);
      if (verdicts[at]![choice] === "OK") return { wrongCount, minute: Math.max(1, Math.floor(minute)) };
    }
    return { wrongCount: null };
  });
}

/** Attempts of an entrant as the rating reads them. */
export function summarizeAttempts(
  problems: readonly PlannedProblem[],
  verdicts: readonly (readonly Verdict[])[],
): Record<string, AttemptSummary[]> {
  return Object.fromEntries(
    problems.map(({ index }, at) => [index, verdicts[at]!.map((verdict) => ({ accepted: verdict === "OK", verdict }))]),
  );
}
