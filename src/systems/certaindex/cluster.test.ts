import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { groupByEquality, groupBySimilarity } from "./cluster.ts";

/** The texts of each group. */
const textsOf = (answers: readonly (string | null)[], groups: number[][]) =>
  groups.map((group) => group.map((index) => answers[index]));

suite("grouping by equality", () => {
  test("spellings of one answer are one group, largest first, ties by first index", async () => {
    const answers = ["2", "1/2", "0.5", "7", "\\frac{1}{2}", "2.0"];
    const { groups, emptyCount } = await groupByEquality(answers);
    expect(textsOf(answers, groups)).toEqual([["1/2", "0.5", "\\frac{1}{2}"], ["2", "2.0"], ["7"]]);
    expect(emptyCount).toBe(0);
  });
  test("every empty answer is a group of its own and is counted", async () => {
    const { groups, emptyCount } = await groupByEquality([null, "3", " ", "3", null]);
    expect(groups).toEqual([[1, 3], [0], [2], [4]]);
    expect(emptyCount).toBe(3);
    expect(await groupByEquality([])).toEqual({ groups: [], emptyCount: 0 });
  });
  test("closes chains: a = b and b = c make one group in whatever order they come", async () => {
    // 50% is 0.5, and the bare 50, which differ from each other.
    for (const answers of [
      ["0.5", "50%", "50"],
      ["0.5", "50", "50%"],
      ["50%", "50", "0.5"],
    ]) {
      expect((await groupByEquality(answers)).groups).toEqual([[0, 1, 2]]);
    }
  });
  test("one's own equality may be asynchronous, and is asked once per pair of different texts at most", async () => {
    const asked: string[] = [];
    const equal = async (a: string, b: string) => {
      asked.push([a, b].sort().join(" "));
      return a[0] === b[0];
    };
    const { groups } = await groupByEquality(["ax", "ay", "bx", "ax", "ay"], equal);
    expect(groups).toEqual([[0, 1, 3, 4], [2]]);
    expect(asked).toHaveLength(new Set(asked).size);
    expect(asked.length).toBeLessThanOrEqual(3);
  });
  test("groups are a partition that does not depend on the order of the answers", async () => {
    const answer = fc.option(fc.constantFrom("1", "1.0", "2", "50%", "50", "0.5", "x+1", "1+x", ""), { nil: null });
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { maxLength: 12 }), async (answers) => {
        const { groups } = await groupByEquality(answers);
        expect(groups.flat().sort((a, b) => a - b)).toEqual(answers.map((_, index) => index));
        const sizes = groups.map((group) => group.length);
        const reversed = await groupByEquality(answers.toReversed());
        expect(reversed.groups.map((group) => group.length)).toEqual(sizes);
      }),
      { numRuns: 50 },
    );
  });
});

suite("grouping by similarity", () => {
  /** Unit vectors at these angles, so that cosines are those of their differences. */
  const angles: Record<string, number> = { a: 0, b: 20, c: 40, d: 90 };
  const embed = async (texts: readonly string[]) =>
    texts.map((text) => [2 * Math.cos((angles[text]! * Math.PI) / 180), 2 * Math.sin((angles[text]! * Math.PI) / 180)]);

  test("joins at cosine 0.9 and closes chains", async () => {
    // cos 20° = 0.94, cos 40° = 0.77, cos 50° = 0.64
    expect((await groupBySimilarity(["d", "a", "c", "b", null], embed)).groups).toEqual([[1, 2, 3], [0], [4]]);
  });
  test("takes another threshold", async () => {
    expect((await groupBySimilarity(["a", "b", "c"], embed, { threshold: 0.95 })).groups).toHaveLength(3);
    expect((await groupBySimilarity(["a", "d"], embed, { threshold: 0 })).groups).toHaveLength(1);
    await expect(groupBySimilarity(["a"], embed, { threshold: 1.5 })).rejects.toThrow("from 0 to 1, got 1.5");
  });
  test("embeds each text once, and nothing for no answers", async () => {
    const seen: string[][] = [];
    const watching = async (texts: readonly string[]) => {
      seen.push([...texts]);
      return embed(texts);
    };
    await groupBySimilarity(["a", "a", null, "b"], watching);
    expect(await groupBySimilarity([null, null], watching)).toEqual({ groups: [[0], [1]], emptyCount: 2 });
    expect(seen).toEqual([["a", "b"]]);
  });
  test("says what is wrong with the vectors", async () => {
    await expect(groupBySimilarity(["a", "b"], async () => [[1]])).rejects.toThrow("expected 2 vectors");
    await expect(groupBySimilarity(["a", "b"], async () => [[1], [Number.NaN]])).rejects.toThrow("vector 1");
  });
});
