import { expect, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { parseForm, renderForm } from "../form.ts";
import { answerField } from "../schemas.ts";
import { createClinic } from "../world/clinic.ts";
import { assertedEntity, isRight } from "../world/oracle.ts";
import { drawQuestions } from "../world/question.ts";
import { straightChain } from "../world/straight.ts";
import { CONTEXT_LENGTH, clinicTokenizer } from "../world/vocabulary.ts";
import { fitsContext, teach } from "./teach.ts";

const signal = new AbortController().signal;
const clinic = createClinic(1000);
const questions = drawQuestions(clinic, new Random("teach"), 120, "train");

test("the scripted teacher's searches end right, by every strategy, and say what they turned away from", {
  timeout: 60_000,
}, async () => {
  const { rows, statistics, rejected } = await teach(clinic, questions, { seed: 3, signal });
  expect(rejected).toEqual({});
  expect(statistics.found).toBeGreaterThanOrEqual(0.95 * questions.length);
  const [atOnce] = statistics.byDepth as [number];
  expect(atOnce / statistics.found).toBeGreaterThan(0.4);
  expect(atOnce / statistics.found).toBeLessThan(0.7);
  const strategies = Object.entries(statistics.byType).filter(([type]) => type.startsWith("Re_CoT"));
  expect(strategies).toHaveLength(4);
  for (const [, { accepted }] of strategies) expect(accepted).toBeGreaterThan(0);

  const tokenizer = clinicTokenizer();
  for (const row of rows) {
    const reference = row[answerField] as string;
    const straight = straightChain(row);
    for (const thinking of [row.Complex_CoT, straight]) {
      expect(isRight(thinking.slice(thinking.lastIndexOf("So it is")).split(".")[0]!, reference)).toBe(true);
      expect(tokenizer.encode(renderForm(thinking, row.Response)).length).toBeLessThan(CONTEXT_LENGTH - 40);
    }
    expect(parseForm(renderForm(row.Complex_CoT, row.Response))!.response).toBe(row.Response);
    // Every chain of the search concludes once, and the monologue once more at its end.
    expect(row.Complex_CoT.match(/So it is/g)!.length).toBe(row.response_type.length + 1);
    expect(row.Complex_CoT).toMatch(/So it is [^.]+\.$/);
    expect(straight).not.toMatch(/check|Wait/);
  }
  // A candidate that is checked before anything is concluded from it holds or does not: whether it is checked tells nothing.
  const first = rows.flatMap(({ Complex_CoT }) => [
    ...Complex_CoT.matchAll(/(?:Next|From another)[^\n]+\n(Wait[^\n]+)/g),
  ]);
  const holding = first.filter(([, check]) => !check!.includes("against"));
  expect(holding.length).toBeGreaterThan(0.15 * first.length);
  expect(holding.length).toBeLessThan(0.7 * first.length);
  const [row] = rows as [(typeof rows)[number]];
  const thoughts = Array<string>(CONTEXT_LENGTH).fill(row.Complex_CoT).join("\n");
  expect([fitsContext(row), fitsContext({ ...row, Complex_CoT: thoughts })]).toEqual([true, false]);
  // The same seed gives the same rows.
  const again = await teach(clinic, questions.slice(0, 20), { seed: 3, signal });
  expect(again.rows).toEqual(rows.slice(0, again.rows.length));
});

test("with the label revealed at once a wrong first chain is mended, and flagged", async () => {
  const { rows } = await teach(clinic, questions, { seed: 3, revealedShare: 1, signal });
  const revealed = rows.filter(({ provenance }) => provenance.label_revealed);
  expect(revealed.length).toBeGreaterThan(0.2 * questions.length);
  for (const row of revealed) {
    expect(row.provenance.response_type).toBe("Label_CoT");
    expect(assertedEntity(row.Response)).toBe(assertedEntity(row[answerField] as string));
  }
});
