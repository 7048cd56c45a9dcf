/**
 * Questions of "Clinic" and their solver. A question states a complaint, further findings and one that is absent, and
 * asks for something of the condition, or of its complication.
 * Source: spec section 6: one answer guaranteed by the solver; the candidate that prevalence suggests is wrong in about
 * 45 % of them; held out are combinations of condition, findings and query, never single facts.
 */
import { createHash } from "node:crypto";
import type { Random } from "../../../core/random.ts";
import { type Clinic, type ConditionId, type FindingId, namesOf, tellingFindings } from "./clinic.ts";
import { conditions, findings, type Relation, relations } from "./names.ts";
import { askOf, type Query, type Statement } from "./sentences.ts";
import { words } from "./vocabulary.ts";

export interface ClinicQuestion extends Statement {
  /** As it is posed. */
  text: string;
  condition: ConditionId;
  /** The condition that the query is about: the same, or its complication. */
  subject: ConditionId;
  /** Names of the answer; whoever says one of them is right. */
  names: readonly string[];
}

export type Side = "train" | "test";

const trapShare = 0.45;
/** A search of three refinements can come so far down the list. */
const lowestPlace = 4;
/** Of condition and relation asked over two hops: such a pair is never trained on. */
const heldOutPairs = 0.25;
const heldOutCases = 0.2;

/** Whether all that is told goes with a condition. */
export function fitsAll({ conditions }: Clinic, id: ConditionId, { present, absent }: Statement): boolean {
  const { typical } = conditions[id]!;
  return present.every((finding) => typical.includes(finding)) && !typical.includes(absent);
}

/** Every condition that all that is told goes with. */
export const solve = (clinic: Clinic, statement: Statement): ConditionId[] =>
  clinic.conditions.map(({ id }) => id).filter((id) => fitsAll(clinic, id, statement));

/** The condition that a query is about, and the names of what it asks for. */
export function answerOf(clinic: Clinic, condition: ConditionId, { relation, hops }: Query) {
  const subject = hops === 2 ? clinic.conditions[condition]!.complication : condition;
  return { subject, names: namesOf(relation, clinic.conditions[subject]!.facts[relation]) };
}

/** A question of its own side of the split; whether it is a trap is decided first, so that traps keep their share. */
export function drawQuestion(clinic: Clinic, rng: Random, side: Side, hops: 1 | 2): ClinicQuestion {
  const isTrap = rng.bool(trapShare);
  for (;;) {
    const statement = drawStatement(clinic, rng, isTrap, hops);
    if (!statement) continue;
    const [condition, ...others] = solve(clinic, statement);
    if (condition === undefined || others.length > 0 || sideOf(condition, statement) !== side) continue;
    if (hasLuckyRival(clinic, condition, statement)) continue;
    return { ...statement, text: askOf(statement), condition, ...answerOf(clinic, condition, statement.query) };
  }
}

/** Whether another condition that shows one of the findings has the same answer: a wrong thought would go unnoticed. */
function hasLuckyRival(clinic: Clinic, condition: ConditionId, { present, query }: Statement): boolean {
  const right = answerOf(clinic, condition, query).names;
  const rivals = new Set(present.flatMap((finding) => clinic.byFinding[finding]!));
  rivals.delete(condition);
  return [...rivals].some((id) => answerOf(clinic, id, query).names === right);
}

/** `count` different questions, one and two hops in turn. */
export function drawQuestions(clinic: Clinic, rng: Random, count: number, side: Side): ClinicQuestion[] {
  const found = new Map<string, ClinicQuestion>();
  while (found.size < count) {
    const question = drawQuestion(clinic, rng, side, found.size % 2 === 0 ? 1 : 2);
    found.set(question.text, question);
  }
  return [...found.values()];
}

/** Which side a question is on: by its findings, and over two hops by condition and relation. */
export function sideOf(condition: ConditionId, { present, absent, query }: Statement): Side {
  const { relation, hops } = query;
  if (hops === 2) return share(`${condition} ${relation}`) < heldOutPairs ? "test" : "train";
  const told = [...present].sort((a, b) => a - b).join(" ");
  return share(`${condition} ${told} ${absent} ${relation}`) < heldOutCases ? "test" : "train";
}

/** A number in [0, 1) that is always the same for a text. */
const share = (text: string) => createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;

/** Null where the dice gave a condition that cannot be told so. */
function drawStatement(clinic: Clinic, rng: Random, isTrap: boolean, hops: 1 | 2): Statement | null {
  const condition = clinic.conditions[rng.int(0, clinic.conditions.length - 1)]!;
  const common = condition.typical.filter((finding) => !tellingFindings.includes(finding));
  const leads = common.filter((finding) => {
    const place = clinic.byFinding[finding]!.indexOf(condition.id);
    return isTrap ? place >= 1 && place < lowestPlace : place === 0;
  });
  if (leads.length === 0) return null;
  const lead = rng.choice(leads);
  const others = rng.shuffle(common.filter((finding) => finding !== lead)).slice(0, rng.int(2, 3));
  const query: Query = { relation: rng.choice(relations), hops };
  const absent = drawAbsent(clinic, condition.id, lead, rng);
  return absent === null ? null : { present: [lead, ...others], absent, query };
}

/** A finding of another candidate for the complaint: its absence says something. */
function drawAbsent(clinic: Clinic, condition: ConditionId, lead: FindingId, rng: Random): FindingId | null {
  const own = clinic.conditions[condition]!.typical;
  const rivals = clinic.byFinding[lead]!.filter((id) => id !== condition);
  const theirs = rivals.flatMap((id) => clinic.conditions[id]!.typical).filter((finding) => !own.includes(finding));
  return theirs.length > 0 ? rng.choice(theirs) : null;
}

/** Reads a question back; null for a text that is none of this world. */
export function parseQuestion(text: string): Statement | null {
  const { opening, without, which, ofCondition, ofComplication } = words;
  const [, listed, absentName, relation, end] =
    new RegExp(`${opening} (.+?)${without} (\\w+)\\.${which} (\\w+)( of the [^?]+\\?)`).exec(text) ?? [];
  if (!listed || !relations.includes(relation as Relation)) return null;
  const present = listed.split(/, | and /).map((name) => findings.indexOf(name as (typeof findings)[number]));
  const absent = findings.indexOf(absentName as (typeof findings)[number]);
  if (absent === -1 || present.includes(-1) || (end !== ofCondition && end !== ofComplication)) return null;
  return { present, absent, query: { relation: relation as Relation, hops: end === ofComplication ? 2 : 1 } };
}

export const conditionNamed = (name: string): ConditionId => conditions.indexOf(name);
