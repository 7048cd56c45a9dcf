/** Two checkers of one problem, which has many right answers. */
import { expect, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { families } from "../problems/catalog/index.ts";
import { judgedSuite, openTruthJudge } from "../problems/truth-suite.fixtures.ts";
import { checkByProgram, checkerProgram } from "./program-checker.ts";

judgedSuite("checkers that are programs", () => {
  test("a testlib-style binary and a Python checker agree on 200 outputs", async () => {
    const judge = await openTruthJudge();
    const family = families.find(({ name }) => name === "some-order")!;
    const binary = family.checker as Extract<NonNullable<typeof family.checker>, { kind: "testlib" }>;
    const python = { kind: "python" as const, source: orderInPython };
    const [one, two] = await Promise.all(
      [binary, python].map(async (checker) => (await judge.compile(checkerProgram(checker))).executable!),
    );
    const input = "4 3\n1 2\n1 3\n3 4\n";
    const random = new Random(9);
    const tallies: Record<string, number> = {};
    for (let index = 0; index < 200; index++) {
      const order = random.shuffle(["1", "2", "3", "4"]);
      if (random.bool(0.2)) order[random.int(0, 3)] = random.choice(["0", "5", "1", "-1", "x"]);
      if (random.bool(0.1)) order.push("1");
      const texts = { input, output: order.join(random.bool() ? " " : "\n"), answer: "1 2 3 4" };
      const [a, b] = await Promise.all([checkByProgram(binary, one!, texts), checkByProgram(python, two!, texts)]);
      expect([texts.output, a.verdict]).toEqual([texts.output, b.verdict]);
      tallies[a.verdict] = (tallies[a.verdict] ?? 0) + 1;
    }
    expect(tallies.OK).toBeGreaterThan(5); // different right answers
    expect(tallies.WRONG_ANSWER).toBeGreaterThan(50);
  });
});

const orderInPython = `def check(input, output, answer):
    rows = [list(map(int, line.split())) for line in input.strip().split("\\n")]
    n = rows[0][0]; words = output.split()
    if sorted(words) != sorted(map(str, range(1, n + 1))): return False, "not every task once"
    place = {int(w): i for i, w in enumerate(words)}
    return all(place[u] < place[v] for u, v in rows[1:])`;
