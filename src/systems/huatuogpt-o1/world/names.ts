/**
 * The names of "Clinic": conditions, findings and answers that exist nowhere else. They are the same for every seed, so
 * that all worlds share one vocabulary; which finding goes with which condition is what a seed decides.
 * Source: spec section 6: 48 conditions, 40 findings, 60 answer entities with up to three names each.
 */
import { Random } from "../../../core/random.ts";

export const findings = [
  ..."fever cough rash tremor nausea itching hiccups chills thirst pallor cramps swelling dizziness insomnia sweating".split(
    " ",
  ),
  ..."wheezing hoarseness numbness blushing drooling yawning sneezing limping bruising snoring fainting tinnitus".split(
    " ",
  ),
  ..."squinting bloating stiffness twitching belching blisters jaundice earache toothache backache sniffles weakness".split(
    " ",
  ),
  "freckling",
] as const;

/** What may be asked of a condition; the complication is another condition. */
export const relations = ["cause", "drug", "test", "organ", "risk"] as const;
export type Relation = (typeof relations)[number];

/** How names of a kind end: each of an entity's names has another ending, so that kinds can be told apart and names not. */
const endings: Record<Relation, readonly string[]> = {
  cause: ["virus", "coccus", "toxin"],
  drug: ["amine", "ol", "icin"],
  test: ["scan", "assay", "gram"],
  organ: ["us gland", "or lobe", "al node"],
  risk: [" dust", " damp", " smoke"],
};
export const entitiesPerRelation = 12;

const conditionEndings = ["itis", "osis", "emia", "opathy"];

const take = stemSource();
export const conditions: readonly string[] = Array.from(
  { length: 48 },
  (_, index) => take() + conditionEndings[index % 4],
);

/** Names of an entity, the usual one first. A third have one name, a third two, a third three. */
export const entities: Readonly<Record<Relation, readonly (readonly string[])[]>> = Object.fromEntries(
  relations.map((relation) => [
    relation,
    Array.from({ length: entitiesPerRelation }, (_, index) =>
      endings[relation].slice(0, 1 + (index % 3)).map((ending) => take() + ending),
    ),
  ]),
) as unknown as Record<Relation, string[][]>;

export const entityNames: readonly string[] = relations.flatMap((relation) => entities[relation].flat());

/** Made-up beginnings of words, no two of which begin alike: one name is never found inside another. */
function stemSource() {
  const random = new Random("clinic names");
  const used = new Set<string>();
  const syllable = () => random.choice([..."bdfgklmnprstvz"]) + random.choice([..."aeiou"]);
  return () => {
    for (;;) {
      const stem = syllable() + syllable() + random.choice([..."lnrst"]);
      const beginning = stem.slice(0, 4);
      if (used.has(beginning)) continue;
      used.add(beginning);
      return stem;
    }
  };
}
