/**
 * One world of "Clinic": which findings go with which condition, what follows from it, and how often it is met.
 * A pure function of the seed. Source: spec section 6; the families are ours: conditions that share findings are what
 * makes a first guess wrong often.
 */
import { Random } from "../../../core/random.ts";
import { conditions, entities, entitiesPerRelation, findings, type Relation, relations } from "./names.ts";

/** Index into `conditions`. */
export type ConditionId = number;
/** Index into `findings`. */
export type FindingId = number;

export interface Condition {
  id: ConditionId;
  /** Share of all cases; all differ. */
  prevalence: number;
  /** Five findings that every case has. */
  typical: readonly FindingId[];
  /** Three that no case has. */
  excluding: readonly FindingId[];
  complication: ConditionId;
  /** Index into `entities[relation]`. */
  facts: Readonly<Record<Relation, number>>;
}

export interface Clinic {
  seed: number | string;
  conditions: readonly Condition[];
  /** Conditions that have a finding, most frequent first. */
  byFinding: readonly (readonly ConditionId[])[];
}

const familySize = 4;
const sharedPerFamily = 3;
/** Findings that a single condition has: whoever hears of one knows. */
export const tellingFindings: readonly FindingId[] = findings.map((_, id) => id).slice(-8);
const commonFindings = findings.map((_, id) => id).slice(0, -tellingFindings.length);

export function createClinic(seed: number | string): Clinic {
  const rng = new Random(seed).split("clinic");
  const typical = dealFindings(rng.split("findings"));
  const prevalence = dealPrevalence(rng.split("prevalence"));
  const complication = dealComplications(rng.split("complications"));
  const facts = Object.fromEntries(
    relations.map((relation) => [relation, dealEntities(rng.split(relation))]),
  ) as Record<Relation, number[]>;
  const exclusions = rng.split("excluding");
  const all = conditions.map(
    (_, id): Condition => ({
      id,
      prevalence: prevalence[id]!,
      typical: typical[id]!,
      excluding: dealExcluding(id, typical, exclusions),
      complication: complication[id]!,
      facts: Object.fromEntries(relations.map((relation) => [relation, facts[relation][id]!])) as Condition["facts"],
    }),
  );
  const byFinding = findings.map((_, finding) =>
    all
      .filter((condition) => condition.typical.includes(finding))
      .sort((a, b) => b.prevalence - a.prevalence)
      .map(({ id }) => id),
  );
  return { seed, conditions: all, byFinding };
}

/** The names of an answer, the usual one first. */
export const namesOf = (relation: Relation, entity: number): readonly string[] => entities[relation][entity]!;

/**
 * Members of a family share three findings and have two more each; eight conditions have one that nobody else has.
 * Findings that few conditions have so far are dealt first, so that each has about seven candidates.
 */
function dealFindings(rng: Random): FindingId[][] {
  const counts = findings.map(() => 0);
  const dealt: FindingId[][] = [];
  for (let family = 0; family < conditions.length / familySize; family++) {
    const deck = rng.shuffle([...commonFindings]).sort((a, b) => counts[a]! - counts[b]!);
    const shared = deck.splice(0, sharedPerFamily);
    for (let member = 0; member < familySize; member++) dealt.push([...shared, ...deck.splice(0, 2)]);
    for (const finding of dealt.slice(-familySize).flat()) counts[finding]!++;
  }
  const chosen = rng.shuffle(conditions.map((_, id) => id)).slice(0, tellingFindings.length);
  for (const [index, id] of chosen.entries()) dealt[id]![sharedPerFamily + 1] = tellingFindings[index]!;
  return dealt;
}

/** Two findings of siblings' own, so that they tell siblings apart, and one from anywhere. */
function dealExcluding(id: ConditionId, typical: readonly FindingId[][], rng: Random): FindingId[] {
  const first = id - (id % familySize);
  const siblings = typical.slice(first, first + familySize).flat();
  const mine = new Set(typical[id]);
  const near = rng.shuffle([...new Set(siblings)].filter((finding) => !mine.has(finding))).slice(0, 2);
  const far = rng.choice(commonFindings.filter((finding) => !mine.has(finding) && !near.includes(finding)));
  return [...near, far];
}

/** Zipf's law over a random order: the tenth condition is met a tenth as often as the first. */
function dealPrevalence(rng: Random): number[] {
  const order = rng.shuffle(conditions.map((_, id) => id));
  const weights = conditions.map((_, id) => 1 / (1 + order.indexOf(id)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** One circle through all conditions: each is the complication of exactly one other. */
function dealComplications(rng: Random): ConditionId[] {
  const circle = rng.shuffle(conditions.map((_, id) => id));
  const next: ConditionId[] = [];
  for (const [index, id] of circle.entries()) next[id] = circle[(index + 1) % circle.length]!;
  return next;
}

/** Each entity of a kind belongs to four conditions. */
const dealEntities = (rng: Random): number[] => rng.shuffle(conditions.map((_, id) => id % entitiesPerRelation));
