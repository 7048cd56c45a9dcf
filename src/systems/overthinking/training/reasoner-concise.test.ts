/** The model that ships: what its card says of it must be so. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { packageRoot } from "../../../core/version.ts";
import { sampleProblems } from "../world/problem.ts";
import { loadReasoner } from "./base-model.ts";
import { renderRoundCard } from "./card.ts";
import { RoundEvaluation } from "./schemas.ts";
import { solveGreedily, validationFigures } from "./train-arm.ts";

const [base, concise] = ["reasoner", "reasoner-concise"].map((name) => join(packageRoot, "models", name)) as [
  string,
  string,
];
const evaluationOf = async () =>
  RoundEvaluation.parse(JSON.parse(await readFile(join(concise, "evaluation.json"), "utf8")));

suite("models/reasoner-concise", () => {
  test("takes at most 4 MB", async () => {
    const sizes = await Promise.all(
      (await readdir(concise)).map(async (file) => (await stat(join(concise, file))).size),
    );
    expect(sizes.reduce((total, size) => total + size)).toBeLessThan(4e6);
  });

  test("saves 30 to 45 % of the tokens at the same accuracy, by its evaluation, and the card says the same", async () => {
    const evaluation = await evaluationOf();
    const [greedy] = evaluation.changes.greedy;
    expect(greedy!.tokenCut.low).toBeGreaterThan(0.3);
    expect(greedy!.tokenCut.high).toBeLessThan(0.5);
    expect(Math.abs(greedy!.accuracy.value)).toBeLessThan(0.01);
    expect(await readFile(join(concise, "README.md"), "utf8")).toBe(renderRoundCard(evaluation));
  });

  test("answers sums it never saw with a third fewer tokens than the reasoner, and as well", async () => {
    const problems = sampleProblems(new Random("shipped"), 10, "test");
    const signal = new AbortController().signal;
    const [before, after] = await Promise.all(
      [base, concise].map(async (folder) =>
        validationFigures(await solveGreedily(await loadReasoner(folder), problems, signal)),
      ),
    );
    expect(after!.accuracy).toBeGreaterThanOrEqual(before!.accuracy - 0.02); // one of fifty
    expect(after!.tokenCount).toBeLessThan(0.7 * before!.tokenCount);
  });
});
