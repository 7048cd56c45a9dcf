/**
 * Who knows the answers of Clinic: all names of an entity, and when a text settles on one.
 * Source: spec section 6: accuracy is judged by the world's oracle, not by the verifier that trained the model.
 */
import { entities, relations } from "./names.ts";

const entityOf = new Map<string, string>(
  relations.flatMap((relation) =>
    entities[relation].flatMap((names, index) => names.map((name) => [name, `${relation} ${index}`] as const)),
  ),
);
const anyName = new RegExp(
  `(?<![\\w-])(${[...entityOf.keys()].sort((a, b) => b.length - a.length).join("|")})(?![\\w-])`,
  "g",
);

/** The entity that a text asserts: names that it denies ("not X") do not count; null for none, or several. */
export function assertedEntity(text: string): string | null {
  const found = new Set<string>();
  for (const match of text.matchAll(anyName)) {
    const before = text.slice(0, match.index).trimEnd();
    if (!/(?:\bnot|\brather than|\bthought of|\binstead of|\bnever)$/i.test(before))
      found.add(entityOf.get(match[1]!)!);
  }
  return found.size === 1 ? [...found][0]! : null;
}

/** Whether a response asserts what the reference names, whichever of its names it uses. */
export function isRight(response: string, reference: string): boolean {
  const meant = assertedEntity(reference);
  return meant !== null && assertedEntity(response) === meant;
}
