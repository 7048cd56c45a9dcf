/**
 * The sentences of "Clinic", for questions, facts and reasoning alike: what a model read as a fact it can say in its
 * thinking. Each begins with the line break that sets it apart, but for those that open a text.
 */
import type { Clinic, ConditionId, FindingId } from "./clinic.ts";
import { conditions, findings, type Relation } from "./names.ts";
import { words } from "./vocabulary.ts";

export interface Query {
  relation: Relation;
  /** 2: of the complication of the condition. */
  hops: 1 | 2;
}

/** What is said of a case, and asked. */
export interface Statement {
  /** In the order in which they are told; the first is what the person complains of. */
  present: readonly FindingId[];
  absent: FindingId;
  query: Query;
}

const finding = (id: FindingId) => ` ${findings[id]}`;
const condition = (id: ConditionId) => ` ${conditions[id]}`;

/** The question as it is posed. */
export function askOf({ present, absent, query }: Statement): string {
  const list = present.map((id, index) => {
    if (index === 0) return finding(id);
    return index === present.length - 1 ? `${words.and}${finding(id)}` : `,${finding(id)}`;
  });
  const end = query.hops === 2 ? words.ofComplication : words.ofCondition;
  return `${words.opening}${list.join("")}${words.without}${finding(absent)}.${words.which} ${query.relation}${end}`;
}

export const say = {
  /** Opens the thinking. */
  firstThought: (lead: FindingId, guess: ConditionId) =>
    `${words.hmm}${finding(lead)}${words.thinkOf}${condition(guess)}.`,
  otherThought: (lead: FindingId, guess: ConditionId) =>
    `${words.otherSide}${finding(lead)}${words.thinkOf}${condition(guess)}.`,
  next: (lead: FindingId, before: ConditionId, guess: ConditionId) =>
    `${words.next}${finding(lead)}${words.after}${condition(before)}${words.is}${condition(guess)}.`,
  complication: (of: ConditionId, complication: ConditionId) =>
    `${words.the}${words.complication}${words.of}${condition(of)}${words.is}${condition(complication)}.`,
  fact: (relation: Relation, of: ConditionId, name: string) =>
    `${words.the} ${relation}${words.of}${condition(of)}${words.is} ${name}.`,
  notComplication: (of: ConditionId, complication: ConditionId) =>
    `${words.waitThe}${words.complication}${words.of}${condition(of)}${words.isNot}${condition(complication)}.`,
  notFact: (relation: Relation, of: ConditionId, name: string) =>
    `${words.waitThe} ${relation}${words.of}${condition(of)}${words.isNot} ${name}.`,
  /** Once its statements were gone through. */
  checked: (id: ConditionId) => `${words.check}${condition(id)}${words.fits}.`,
  conclusion: (name: string) => `${words.conclude} ${name}.`,
  answer: (name: string) => `${words.answer} ${name}.`,
} as const;

/** Whether one statement goes with a condition. */
export function fits(clinic: Clinic, id: ConditionId, stated: FindingId, isPresent: boolean): boolean {
  return clinic.conditions[id]!.typical.includes(stated) === isPresent;
}

export interface Told {
  stated: FindingId;
  isPresent: boolean;
}

/** How a check begins: what a condition shows is called to mind first, always in the same order. */
export const recallOf = (clinic: Clinic, id: ConditionId): string =>
  `${words.check}${condition(id)}${words.shows}${clinic.conditions[id]!.typical.map(finding).join("")}:`;

/** One statement, without its verdict. */
export const tellOf = ({ stated, isPresent }: Told): string =>
  `${isPresent ? "" : words.checkAbsent}${finding(stated)}`;

/** The statements one by one, up to the first that does not fit; the complaint itself is what brought the condition up. */
export function checkOf(clinic: Clinic, id: ConditionId, { present, absent }: Statement, lead: FindingId): string {
  const told: Told[] = [
    ...present.filter((stated) => stated !== lead).map((stated) => ({ stated, isPresent: true })),
    { stated: absent, isPresent: false },
  ];
  const firstAgainst = told.findIndex(({ stated, isPresent }) => !fits(clinic, id, stated, isPresent));
  const parts = told
    .slice(0, firstAgainst === -1 ? told.length : firstAgainst + 1)
    .map((one, index) => `${tellOf(one)}${index === firstAgainst ? words.against : words.fits}`);
  return `${recallOf(clinic, id)}${parts.join(",")}.`;
}
