/**
 * What a person says of a verifier's verdicts: overturned.jsonl in the run's folder, append-only, the last line about a
 * conclusion counts. Figures of the verifier are made from it.
 */
import { join } from "node:path";
import { z } from "zod";
import { openJournal } from "../../../core/journal.ts";
import { readJsonLines } from "../../../core/jsonl.ts";
import { clopperPearson } from "../../../core/statistics/index.ts";
import type { VerifierAudit } from "./contract.ts";

export type Opinion = z.output<typeof Opinion>;
export const Opinion = z.object({
  time: z.string(),
  question: z.string(),
  /** Both from 0. */
  attempt: z.int(),
  step: z.int(),
  /** Null: neither. */
  verifier: z.boolean().nullable(),
  /** Null: taken back. */
  person: z.boolean().nullable(),
});

export const stepKey = (attempt: number, step: number): string => `${attempt}.${step}`;
const opinionKey = ({ question, attempt, step }: Opinion) => `${stepKey(attempt, step)} ${question}`;

export function writeOpinion(dir: string, opinion: Opinion): void {
  const journal = openJournal(join(dir, "overturned.jsonl"));
  journal.append(opinion);
  journal.close();
}

/** Those that stand. */
export async function readOpinions(dir: string): Promise<Opinion[]> {
  const latest = new Map<string, Opinion>();
  try {
    for await (const opinion of readJsonLines(join(dir, "overturned.jsonl"), Opinion)) {
      latest.set(opinionKey(opinion), opinion);
    }
  } catch {
    return []; // nobody said anything yet
  }
  return [...latest.values()].filter(({ person }) => person !== null);
}

export function auditOf(opinions: readonly Opinion[]): VerifierAudit {
  const count = (holds: (opinion: Opinion) => boolean) => opinions.filter(holds).length;
  const judgedCount = opinions.length;
  const agreedCount = count(({ verifier, person }) => verifier === person);
  const acceptedCount = count(({ verifier }) => verifier === true);
  const falseAcceptCount = count(({ verifier, person }) => verifier === true && person === false);
  return {
    judgedCount,
    agreedCount,
    falseAcceptCount,
    falseRejectCount: count(({ verifier, person }) => verifier === false && person === true),
    unclearCount: count(({ verifier }) => verifier === null),
    agreement: judgedCount === 0 ? null : clopperPearson(agreedCount, judgedCount),
    precision: acceptedCount === 0 ? null : clopperPearson(acceptedCount - falseAcceptCount, acceptedCount),
  };
}
