/**
 * Multiple-choice questions of Clinic in the published form, some of them with a planted defect that the factory ought to
 * find. Source: spec section 6, stage A: 15 % too simple, 8 % negated, 7 % with two valid answers, 5 % that cannot be
 * posed without their options.
 */
import { Random } from "../../../core/random.ts";
import type { McqRow } from "../schemas.ts";
import { type Clinic, type FindingId, namesOf, tellingFindings } from "./clinic.ts";
import { entities, findings, type Relation, relations } from "./names.ts";
import { answerOf, type ClinicQuestion, drawQuestion, solve } from "./question.ts";
import { askOf, type Query, type Statement } from "./sentences.ts";

export const defects = ["too-simple", "negated", "two-answers", "needs-options"] as const;
export type Defect = (typeof defects)[number];
const shares: Record<Defect, number> = {
  "too-simple": 0.15,
  negated: 0.08,
  "two-answers": 0.07,
  "needs-options": 0.05,
};

const soundShare = 1 - Object.values(shares).reduce((sum, share) => sum + share, 0);

export interface PlannedRow {
  row: McqRow;
  /** Null for a sound question. */
  defect: Defect | null;
}

const letters = ["A", "B", "C", "D"] as const;

export function drawMcqs(clinic: Clinic, rng: Random, count: number): PlannedRow[] {
  return Array.from({ length: count }, (_, index) => {
    const own = rng.split(index);
    const defect = [...defects, null][own.weighted([...defects.map((one) => shares[one]), soundShare])] ?? null;
    return { row: drawRow(clinic, own, defect), defect };
  });
}

function drawRow(clinic: Clinic, rng: Random, defect: Defect | null): McqRow {
  switch (defect) {
    case null: {
      const question = drawQuestion(clinic, rng, "train", rng.bool() ? 1 : 2);
      return rowOf(question.text, rng.choice(question.names), rivalNames(clinic, question, rng), rng);
    }
    case "too-simple":
      return simpleRow(clinic, rng);
    case "negated":
      return negatedRow(clinic, rng);
    case "two-answers":
    case "needs-options":
      return openRow(clinic, rng, defect);
  }
}

/** A complaint that a single condition has, and a question over one hop. */
function simpleRow(clinic: Clinic, rng: Random): McqRow {
  const telling = rng.choice(tellingFindings);
  const { id, typical } = clinic.conditions[clinic.byFinding[telling]![0]!]!;
  const others = rng.shuffle(typical.filter((finding) => finding !== telling)).slice(0, rng.int(2, 3));
  const query: Query = { relation: rng.choice(relations), hops: 1 };
  const statement = { present: [telling, ...others], absent: foreign(typical, rng), query };
  const { names } = answerOf(clinic, id, query);
  return rowOf(askOf(statement), rng.choice(names), wrongNames(query.relation, names, rng), rng);
}

const negations = [
  "Which of these findings is NOT one of the condition's own?",
  "All of these findings go with the condition EXCEPT",
  "Which of these findings does not go with the condition?",
  "Which of these findings is the least likely in the condition?",
];

function negatedRow(clinic: Clinic, rng: Random): McqRow {
  const { text, condition } = drawQuestion(clinic, rng, "train", 1);
  const { typical } = clinic.conditions[condition]!;
  const shown = rng
    .shuffle([...typical])
    .slice(0, 3)
    .map((finding) => findings[finding] as string);
  const asked = `${text.slice(0, text.indexOf(" Which is"))} ${rng.choice(negations)}`;
  return rowOf(asked, findings[foreign(typical, rng)]!, shown, rng);
}

/** Told so little that two conditions fit: both are among the options, or one of them. */
function openRow(clinic: Clinic, rng: Random, defect: Defect): McqRow {
  for (;;) {
    const { id, typical } = rng.choice(clinic.conditions);
    const query: Query = { relation: rng.choice(relations), hops: 1 };
    const present = rng.shuffle(typical.filter((finding) => !tellingFindings.includes(finding))).slice(0, 2);
    const statement: Statement = { present, absent: foreign(typical, rng), query };
    const fitting = solve(clinic, statement).map((one) => clinic.conditions[one]!.facts[query.relation]);
    const others = [...new Set(fitting)].filter((entity) => entity !== clinic.conditions[id]!.facts[query.relation]);
    if (others.length === 0) continue;
    const { names } = answerOf(clinic, id, query);
    const wrong = wrongNames(query.relation, [...names, ...others.flatMap((one) => namesOf(query.relation, one))], rng);
    if (defect === "two-answers") wrong[0] = rng.choice(namesOf(query.relation, rng.choice(others)));
    return rowOf(askOf(statement), rng.choice(names), wrong, rng);
  }
}

/** A finding that a condition does not have. */
const foreign = (typical: readonly FindingId[], rng: Random): FindingId =>
  rng.choice(findings.map((_, id) => id).filter((id) => !typical.includes(id) && !tellingFindings.includes(id)));

/** What would be right if another candidate for the complaint were the case; where these do not suffice, any others. */
function rivalNames(clinic: Clinic, { present, query, names }: ClinicQuestion, rng: Random): string[] {
  const rivals = clinic.byFinding[present[0]!]!.map((id) => answerOf(clinic, id, query).names);
  const wrong = rivals.filter((other) => !other.some((name) => names.includes(name)));
  const anyOthers = wrongNames(query.relation, [...names, ...wrong.flat()], rng);
  const different = [...new Set(wrong)].slice(0, 3);
  return [...different.map((other) => rng.choice(other)), ...anyOthers].slice(0, 3);
}

/** Three answers of the kind asked for that no name of `right` is among. */
function wrongNames(relation: Relation, right: readonly string[], rng: Random): string[] {
  const others = entities[relation].filter((names) => !names.some((name) => right.includes(name)));
  return rng
    .shuffle([...others])
    .slice(0, 3)
    .map((names) => rng.choice(names));
}

function rowOf(question: string, answer: string, wrong: readonly string[], rng: Random): McqRow {
  const texts = rng.shuffle([answer, ...wrong]);
  const options = Object.fromEntries(texts.map((text, index) => [letters[index]!, text]));
  return { question, options, answer_idx: letters[texts.indexOf(answer)]!, answer };
}

/** The same rows for the same seed. */
export const mcqSet = (clinic: Clinic, count: number): PlannedRow[] =>
  drawMcqs(clinic, new Random(clinic.seed).split("mcqs"), count);
