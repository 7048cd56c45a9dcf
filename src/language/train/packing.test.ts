import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { rowSampler } from "./batches.ts";
import { packExamples, type TokenExample } from "./packing.ts";

const example = (tokens: number[], prompt = 1): TokenExample => ({
  tokens,
  trained: tokens.map((_, i) => i >= prompt),
});

suite("packExamples", () => {
  test("lays out a row as worked out by hand", () => {
    const [row] = packExamples([example([5, 6, 7], 2), example([8, 9])], 5);
    expect(row).toEqual({
      tokens: Int32Array.of(5, 6, 8, 0, 0),
      targets: Int32Array.of(6, 7, 9, 0, 0),
      weights: Float32Array.of(0, 1, 1, 0, 0),
      segments: Int32Array.of(1, 1, 2, 0, 0),
      positions: Int32Array.of(0, 1, 0, 0, 0),
    });
  });
  test("fills the row that an example leaves least room in", () => {
    const lengths = [6, 9, 5, 2]; // take 5, 8, 4 and 1 of 10 places: 5+4+1 in one row, 8 in the other
    const rows = packExamples(
      lengths.map((length) => example(Array(length).fill(length))),
      10,
    );
    expect(rows.map((row) => row.segments.filter((segment) => segment > 0).length)).toEqual([10, 8]);
  });
  test("keeps every trained target exactly once, whatever the lengths", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 17 }), { minLength: 1, maxLength: 60 }), (lengths) => {
        const examples = lengths.map((length, i) => example(Array(length).fill(i)));
        const learned = packExamples(examples, 16).flatMap(({ targets, weights }) =>
          [...targets].filter((_, at) => weights[at]),
        );
        expect(learned.sort((a, b) => a - b)).toEqual(examples.flatMap(({ tokens }) => tokens.slice(1)));
      }),
    );
  });
  test("names an example that does not fit", () => {
    const hint = { hint: "Raise the sequence length, or shorten or drop the example." };
    expect(() => packExamples([example([1, 2]), example([1, 2, 3, 4])], 2)).toThrow(
      expect.objectContaining({ message: "examples[1]: 4 tokens do not fit rows of 2", ...hint }),
    );
    expect(() => packExamples([example([1, 2], 2)], 2)).toThrow("examples[0]: no token to learn");
  });
});

suite("rowSampler", () => {
  const rows = packExamples(
    [1, 2, 3, 4, 5, 6, 7].map((token) => example([token, token, token])),
    2,
  );
  const epochs = (seed: number) => {
    const rowsOf = rowSampler(rows, 2, seed);
    return Array.from({ length: 7 }, (_, step) => rowsOf(step).map((row) => row.tokens[0])).flat(); // two epochs
  };
  test("shows each row once per epoch, in another order each time", () => {
    const [first, second] = [epochs(1).slice(0, 7), epochs(1).slice(7)];
    expect([first.toSorted(), second.toSorted()]).toEqual([
      [1, 2, 3, 4, 5, 6, 7],
      [1, 2, 3, 4, 5, 6, 7],
    ]);
    expect(first).not.toEqual(second);
  });
  test("is a pure function of seed and step", () => {
    const late = rowSampler(rows, 2, 1)(6); // as after a resume
    expect(late.map((row) => row.tokens[0])).toEqual(epochs(1).slice(12));
    expect(epochs(2)).not.toEqual(epochs(1));
  });
});
