/** Equality of answers that remembers: the votes of a program are counted anew after every unit. */
import { answersEqual } from "../../../endpoint/answers/index.ts";
import type { AnswerEquality } from "../cluster.ts";

export function createEqual(
  equal: AnswerEquality = (a, b) => answersEqual(a, b).equal,
): (a: string, b: string) => boolean | Promise<boolean> {
  const known = new Map<string, boolean | Promise<boolean>>();
  return (a, b) => {
    if (a === b) return true;
    const key = a < b ? `${a}\0${b}` : `${b}\0${a}`; // which of the two comes first does not matter
    let result = known.get(key);
    if (result === undefined) {
      result = equal(a, b);
      known.set(key, result);
    }
    return result;
  };
}
