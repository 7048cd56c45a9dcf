/**
 * Several examples in one row of fixed length, so that a batch of short texts is one full matmul and not padding.
 * Segment ids keep the texts of a row apart (a block-diagonal causal mask) and positions restart with each text,
 * so a packed example has the loss it has alone.
 */
import { DataError } from "../../core/errors.ts";

/** A text as token ids, and for each token whether the model shall learn to write it. */
export interface TokenExample {
  tokens: readonly number[];
  trained: readonly boolean[];
}

/** One row of the batch; all of the same length. Target i is the token that follows token i. */
export interface PackedRow {
  tokens: Int32Array;
  targets: Int32Array;
  /** 1 where the target counts, 0 for prompts and padding. */
  weights: Float32Array;
  /** 1, 2, 3 ... by text; 0 is padding. */
  segments: Int32Array;
  positions: Int32Array;
}

/**
 * Packs examples by best fit: each goes to the row that it leaves least room in.
 * @param length tokens per row; an example of n tokens takes n - 1 (the last one is only a target)
 * @returns rows in the order they were opened
 * @throws DataError naming the first example that is too long, too short or has nothing to learn
 */
export function packExamples(examples: readonly TokenExample[], length: number): PackedRow[] {
  return placeExamples(examples, length).map((row) =>
    fillRow(
      row.map((index) => examples[index]!),
      length,
    ),
  );
}

/**
 * Which examples share a row, by index, in their order within it.
 * @throws DataError as `packExamples`
 */
export function placeExamples(examples: readonly TokenExample[], length: number): number[][] {
  const rows: number[][] = [];
  const rowsByRoom: number[][] = Array.from({ length: length + 1 }, () => []); // row indices by free places
  for (const [index, example] of examples.entries()) {
    checkExample(example, index, length);
    const needed = example.tokens.length - 1;
    let room = needed;
    while (room <= length && rowsByRoom[room]!.length === 0) room++;
    const row = room <= length ? rowsByRoom[room]!.pop()! : rows.push([]) - 1;
    rows[row]!.push(index);
    rowsByRoom[Math.min(room, length) - needed]!.push(row);
  }
  return rows;
}

/** The tensors of one row; segment k is the k-th of `examples`, from 1. */
export function fillRow(examples: readonly TokenExample[], length: number): PackedRow {
  const row: PackedRow = {
    tokens: new Int32Array(length),
    targets: new Int32Array(length),
    weights: new Float32Array(length),
    segments: new Int32Array(length),
    positions: new Int32Array(length),
  };
  let at = 0;
  for (const [index, { tokens, trained }] of examples.entries()) {
    for (let position = 0; position < tokens.length - 1; position++, at++) {
      row.tokens[at] = tokens[position]!;
      row.targets[at] = tokens[position + 1]!;
      row.weights[at] = trained[position + 1] ? 1 : 0;
      row.segments[at] = index + 1;
      row.positions[at] = position;
    }
  }
  return row;
}

function checkExample({ tokens, trained }: TokenExample, index: number, length: number): void {
  const where = `examples[${index}]`;
  if (tokens.length !== trained.length) {
    throw new DataError(`${where}: ${tokens.length} tokens but ${trained.length} marks in \`trained\``);
  }
  if (tokens.length - 1 > length) {
    throw new DataError(`${where}: ${tokens.length} tokens do not fit rows of ${length}`, {
      hint: "Raise the sequence length, or shorten or drop the example.",
    });
  }
  if (!trained.includes(true, 1)) {
    throw new DataError(`${where}: no token to learn`, { hint: "An example needs a response of at least one token." });
  }
}
