/** The certaindex of a handful of answers, and what it means. */
import { type AnswerGroups, type Embedder, groupByEquality, groupBySimilarity } from "../cluster.ts";
import { attainableValues, certaindex, describeThreshold, disclaimer } from "../signals.ts";

export interface AnswerValue {
  /** null for fewer than two answers: one answer cannot agree. */
  certaindex: number | null;
  answerCount: number;
  /** Largest first; `answer` is the first of its group, null for an empty one. */
  groups: { answer: string | null; count: number; answers: (string | null)[] }[];
  /** Answers that are empty; each is a group of its own. */
  emptyCount: number;
  /** In words. */
  meaning: string;
  /** What it is not. */
  note: string;
  /** Every value that so many answers can have, rising, when asked for. */
  attainable?: { value: number; groups: number[]; meaning: string }[];
}

export interface ValueOptions {
  /** Group by likeness of these embeddings; default: by equality of endpoint/answers. */
  embed?: Embedder;
  /** Cosine from which two answers are one; default 0.9. */
  cosine?: number;
  /** List the values that so many answers can have. */
  listsValues?: boolean;
}

export async function valueAnswers(
  answers: readonly (string | null)[],
  { embed, cosine, listsValues = false }: ValueOptions = {},
): Promise<AnswerValue> {
  const grouped = embed
    ? await groupBySimilarity(answers, embed, cosine === undefined ? {} : { threshold: cosine })
    : await groupByEquality(answers);
  const n = answers.length;
  const value = certaindex(grouped.groups.map((group) => group.length));
  return {
    certaindex: value ?? null,
    answerCount: n,
    groups: grouped.groups.map((group) => ({
      answer: textOf(answers[group[0]!]),
      count: group.length,
      answers: group.map((index) => textOf(answers[index])),
    })),
    emptyCount: grouped.emptyCount,
    meaning: meaningOf(value, grouped, n),
    note: disclaimer,
    ...(listsValues && {
      attainable: attainableValues(n).map((one) => ({ ...one, meaning: describeThreshold(one.value, n) })),
    }),
  };
}

const textOf = (answer: string | null | undefined): string | null => (answer?.trim() ? answer.trim() : null);

function meaningOf(value: number | undefined, { groups }: AnswerGroups, n: number): string {
  if (value === undefined) return "none: it takes two answers to agree";
  const largest = groups[0]!.length;
  const found =
    largest === n
      ? `all ${n} answers agree`
      : largest === 1
        ? `all ${n} answers differ`
        : `${largest} of ${n} answers agree`;
  return `${found}; as a threshold for ${n} answers: ${describeThreshold(value, n)}`;
}

/** For people. */
export function describeValue({
  certaindex: value,
  groups,
  meaning,
  note,
  emptyCount,
  attainable,
}: AnswerValue): string {
  const width = Math.max(...groups.map(({ count }) => String(count).length));
  const lines = groups.map(({ answer, count }) => `  ${String(count).padStart(width)}  ${answer ?? "(no answer)"}`);
  const table = attainable?.map(
    (one) => `  ${one.value.toFixed(3)}  ${one.groups.join(" + ").padEnd(20)}  ${one.meaning}`,
  );
  return [
    `certaindex ${value === null ? "none" : value.toFixed(3)}`,
    ...lines,
    meaning,
    ...(emptyCount > 0 ? [`${emptyCount} without an answer: each counts as a different one`] : []),
    ...(table ? ["", "values that so many answers can have, and what each means as a threshold:", ...table, ""] : []),
    note,
  ].join("\n");
}
