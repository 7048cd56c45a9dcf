/** A problem of a published data set: what the judge reads, and what a benchmark asks besides. */
import { z } from "zod";
import { Problem } from "../schemas.ts";

export type LoadedProblem = z.output<typeof LoadedProblem>;
export const LoadedProblem = z.object({
  problem: Problem,
  /** Contest and letter, where it has them: for standings. */
  contestId: z.string().optional(),
  index: z.string().optional(),
  /** "Div. 2" and the like. */
  division: z.string().optional(),
  /** When it was published, ISO 8601: for contamination windows. */
  date: z.string().optional(),
  /** A function to be written instead of a program; the tests then hold arguments and the result as JSON. */
  entryPoint: z.string().optional(),
  /** What the solution has to begin with. */
  starterCode: z.string().optional(),
  /** All official tests are there, uncut. */
  isComplete: z.boolean(),
});

/** Difficulty classes of Quan et al. 2025, section 3.1. */
export function difficultyClass(rating: number | undefined): "easy" | "medium" | "hard" | "unrated" {
  if (rating === undefined) return "unrated";
  if (rating < 1000) return "easy";
  return rating < 1300 ? "medium" : "hard";
}

/** The sections of a statement as Markdown; empty ones are left out. */
export function statementOf(sections: readonly (readonly [title: string, body: string | null | undefined])[]): string {
  return sections
    .filter(([, body]) => body?.trim())
    .map(([title, body]) => (title ? `## ${title}\n\n${body!.trim()}` : body!.trim()))
    .join("\n\n");
}

/** What a statement's text says of parts that did not come along. */
export function missingParts(statement: string): string[] {
  return /!\[|<img\b|\\includegraphics/.test(statement) ? ["images are missing from the statement"] : [];
}
