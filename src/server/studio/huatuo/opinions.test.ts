/** A person's word on a verifier's verdicts: kept, changed, taken back, and counted. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { auditOf, type Opinion, readOpinions, writeOpinion } from "./opinions.ts";

test("the last word about a conclusion counts, and the figures follow from those that stand", async () => {
  const dir = mkdtempSync(join(tmpdir(), "opinions-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  expect(await readOpinions(dir)).toEqual([]);
  const say = (question: string, step: number, verifier: boolean | null, person: boolean | null) =>
    writeOpinion(dir, { time: "2026-01-01T00:00:00Z", question, attempt: 0, step, verifier, person });
  say("a", 0, true, false);
  say("a", 0, true, true); // changed
  say("a", 1, false, true);
  say("b", 0, true, false);
  say("b", 1, null, false);
  say("c", 0, false, false);
  say("c", 0, false, null); // taken back
  const opinions = await readOpinions(dir);
  expect(opinions.map(({ question, step, person }) => [question, step, person])).toEqual([
    ["a", 0, true],
    ["a", 1, true],
    ["b", 0, false],
    ["b", 1, false],
  ]);
  const audit = auditOf(opinions);
  expect(audit).toMatchObject({
    judgedCount: 4,
    agreedCount: 1,
    falseAcceptCount: 1,
    falseRejectCount: 1,
    unclearCount: 1,
  });
  // Clopper-Pearson of 1 in 4 and of 1 in 2, from tables.
  expect(audit.agreement).toMatchObject({
    value: 0.25,
    low: expect.closeTo(0.0063, 4),
    high: expect.closeTo(0.8059, 4),
  });
  expect(audit.precision).toMatchObject({
    value: 0.5,
    low: expect.closeTo(0.0126, 4),
    high: expect.closeTo(0.9874, 4),
  });
  expect(auditOf([] as Opinion[])).toMatchObject({ judgedCount: 0, agreement: null, precision: null });
});
