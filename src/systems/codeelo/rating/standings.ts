/**
 * A contest as the public Codeforces API gives it (standings and rating changes), and which of its rows are the field
 * that a model is placed in.
 */
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";

export const StandingsRow = z.object({
  party: z.object({
    members: z.array(z.object({ handle: z.string() })).min(1),
    /** CONTESTANT, OUT_OF_COMPETITION, VIRTUAL, PRACTICE; absent in older files: an official one. */
    participantType: z.string().optional(),
  }),
  points: z.number(),
  penalty: z.number(),
  rank: z.int().optional(),
});

export const ContestProblem = z.object({
  contestId: z.union([z.int(), z.string()]).optional(),
  index: z.string().min(1),
  /** Absent where each problem counts one: ICPC rules. */
  points: z.number().positive().optional(),
  /** Codeforces's difficulty. */
  rating: z.number().optional(),
  tags: z.array(z.string()).default([]),
});
export type ContestProblem = z.output<typeof ContestProblem>;

export const RatingChange = z.object({ handle: z.string(), oldRating: z.number(), newRating: z.number().optional() });

/** One contest: its problems, what each participant reached, and their ratings before. */
export const Contest = z.object({
  contest: z.object({
    id: z.union([z.int(), z.string()]).transform(String),
    name: z.string(),
    /** "CF", "ICPC" or "IOI". */
    type: z.string().optional(),
    startTimeSeconds: z.number().optional(),
    durationSeconds: z.number().optional(),
  }),
  problems: z.array(ContestProblem).min(1),
  rows: z.array(StandingsRow),
  ratingChanges: z.array(RatingChange),
});
export type Contest = z.output<typeof Contest>;

/** One human of the field. */
export interface FieldEntry {
  handle: string;
  points: number;
  penalty: number;
  /** Before the contest. */
  rating: number;
}

export interface FieldOptions {
  /** Rating of people in their first contest, whom the API may give as 0; default as it is there. */
  newcomerRating?: number;
  /** Smaller contests are left out; default 200, as in the published code (which wants more than that). */
  smallestField?: number;
}

/** The field of a contest, best first, or why the contest does not count. */
export type Field = { entries: FieldEntry[]; droppedCount: number } | { skip: string };

/**
 * Official participants with a known rating. Rows without one (unrated, out of competition, disqualified) are dropped
 * and counted; the published code keeps only contests where none is.
 * @throws DataError when a handle stands twice in the standings
 */
export function fieldOf(contest: Contest, options: FieldOptions = {}): Field {
  const { newcomerRating, smallestField = 200 } = options;
  const ratings = new Map(contest.ratingChanges.map(({ handle, oldRating }) => [handle, oldRating]));
  const seen = new Set<string>();
  const entries: FieldEntry[] = [];
  for (const { party, points, penalty } of contest.rows) {
    const handles = party.members.map(({ handle }) => handle);
    const handle = handles.find((name) => ratings.has(name));
    const isOfficial = party.participantType === undefined || party.participantType === "CONTESTANT";
    if (handle === undefined || !isOfficial) continue;
    if (seen.has(handle)) throw new DataError(`contest ${contest.contest.id}: ${handle} stands twice in the standings`);
    seen.add(handle);
    const rating = ratings.get(handle)!;
    entries.push({
      handle,
      points,
      penalty,
      rating: rating === 0 && newcomerRating !== undefined ? newcomerRating : rating,
    });
  }
  const droppedCount = contest.rows.length - entries.length;
  if (entries.length <= smallestField)
    return { skip: `${entries.length} rated participants, ${smallestField} are too few` };
  if (droppedCount > contest.rows.length / 2)
    return { skip: `${droppedCount} of ${contest.rows.length} rows have no rating` };
  entries.sort((a, b) => b.points - a.points || a.penalty - b.penalty);
  return { entries, droppedCount };
}
