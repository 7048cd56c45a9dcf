/**
 * Which answers say the same: groups by equality, or by likeness of embeddings.
 * Both take the transitive closure (a like b, b like c: one group), so groups do not depend on the order of answers.
 * The paper names neither algorithm nor threshold; cosine 0.9 is ours.
 */
import { ConfigError, ShapeError } from "../../core/errors.ts";
import { compareAnswers, parseAnswer } from "../../endpoint/answers/index.ts";

/** `groups` holds indexes into the answers, largest group first, ties by first index. */
export interface AnswerGroups {
  groups: number[][];
  /** Answers that are null or blank: each is a group of its own, which lowers certainty. */
  emptyCount: number;
}

/** Symmetric; a text always equals itself. */
export type AnswerEquality = (a: string, b: string) => boolean | Promise<boolean>;

/** One vector per text, all of one length. */
export type Embedder = (texts: readonly string[]) => Promise<number[][]>;

/**
 * Groups closed answers: numbers, choices, formulas.
 * @param answers null = none
 * @param equal asked once per pair of different texts that are not yet in one group; default: the equality of
 *   endpoint/answers
 */
export async function groupByEquality(
  answers: readonly (string | null)[],
  equal?: AnswerEquality,
): Promise<AnswerGroups> {
  const { texts, indexes } = distinctTexts(answers);
  const sets = createSets(texts.length);
  const same = equal ? (i: number, j: number) => equal(texts[i]!, texts[j]!) : parsedEquality(texts);
  for (let i = 0; i < texts.length; i++) {
    for (let j = 0; j < i; j++) {
      if (!sets.joined(i, j) && (await same(i, j))) sets.join(i, j);
    }
  }
  return collect(answers, indexes, sets);
}

/**
 * Groups open answers (code, sentences) by cosine similarity of their embeddings.
 * @param options.threshold cosine from which two answers are one group, 0 to 1; default 0.9
 * @throws ShapeError when the embedder returns other than one vector per text, all of one length
 */
export async function groupBySimilarity(
  answers: readonly (string | null)[],
  embed: Embedder,
  { threshold = 0.9 }: { threshold?: number } = {},
): Promise<AnswerGroups> {
  if (!(threshold >= 0 && threshold <= 1)) {
    throw new ConfigError(`groupBySimilarity: threshold: expected a number from 0 to 1, got ${threshold}`, {
      hint: "It is a cosine: 1 joins only answers of one direction, 0.9 is the default.",
    });
  }
  const { texts, indexes } = distinctTexts(answers);
  const vectors = texts.length > 0 ? expectVectors(await embed(texts), texts.length).map(unit) : [];
  const sets = createSets(texts.length);
  for (let i = 0; i < texts.length; i++) {
    for (let j = 0; j < i; j++) {
      if (dot(vectors[i]!, vectors[j]!) >= threshold - 1e-9) sets.join(i, j);
    }
  }
  return collect(answers, indexes, sets);
}

/** Each text is parsed once, though it meets many others. */
function parsedEquality(texts: readonly string[]): (i: number, j: number) => boolean {
  const parsed = texts.map(parseAnswer);
  return (i, j) => compareAnswers(parsed[i]!, parsed[j]!).equal;
}

/** The different texts, and for each answer the place of its text; undefined for an empty answer. */
function distinctTexts(answers: readonly (string | null)[]) {
  const places = new Map<string, number>();
  const indexes = answers.map((answer) => {
    const text = answer?.trim();
    if (!text) return undefined;
    if (!places.has(text)) places.set(text, places.size);
    return places.get(text)!;
  });
  return { texts: [...places.keys()], indexes };
}

function collect(answers: readonly unknown[], indexes: readonly (number | undefined)[], sets: Sets): AnswerGroups {
  const groups = new Map<number | string, number[]>();
  answers.forEach((_, index) => {
    const text = indexes[index];
    const key = text === undefined ? `empty ${index}` : sets.root(text);
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  return {
    groups: [...groups.values()].sort((a, b) => b.length - a.length || a[0]! - b[0]!),
    emptyCount: indexes.filter((index) => index === undefined).length,
  };
}

interface Sets {
  root(item: number): number;
  joined(a: number, b: number): boolean;
  join(a: number, b: number): void;
}

/** Disjoint sets of 0..count-1; a set's root is its smallest member. */
function createSets(count: number): Sets {
  const parents = Array.from({ length: count }, (_, index) => index);
  const root = (item: number): number => (parents[item] === item ? item : root(parents[item]!));
  return {
    root,
    joined: (a, b) => root(a) === root(b),
    join(a, b) {
      const [low, high] = [root(a), root(b)].sort((x, y) => x - y) as [number, number];
      parents[high] = low;
    },
  };
}

function expectVectors(vectors: number[][], count: number): number[][] {
  const dim = vectors[0]?.length ?? 0;
  const bad = vectors.findIndex((vector) => vector.length !== dim || !vector.every(Number.isFinite));
  if (vectors.length === count && dim > 0 && bad === -1) return vectors;
  const found = bad === -1 ? `${vectors.length} of length ${dim}` : `vector ${bad} has other or non-finite numbers`;
  throw new ShapeError(`groupBySimilarity: expected ${count} vectors of one length from the embedder, got ${found}`);
}

/** A vector of zeros stays one: it is like nothing. */
function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
