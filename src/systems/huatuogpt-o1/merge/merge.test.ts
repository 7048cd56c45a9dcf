import { expect, suite, test } from "vitest";
import { type Action, answerField, questionField } from "../schemas.ts";
import { demoRows, isDemoMissing } from "../teacher.fixtures.ts";
import { defaultLimits, endOf, faultOf, leakIn, revealsEarly } from "./check.ts";
import type { MergedRow } from "./respond.ts";

const thinking = (content: string): Action => ({ action: "Inner Thinking", title: "t", content });
const conclusion = (content: string): Action => ({ action: "Final Conclusion", content });
const verification = (content: string): Action => ({ action: "Verification", content });

const turned = [
  thinking("It is heavy and it shines."),
  conclusion("Probably copper"),
  verification("But copper turns green."),
  thinking("It stays bright for ever."),
  conclusion("Gold"),
  verification("Everything agrees."),
];

/** A search that gave up copper for gold. */
const row = (Complex_CoT: string, change: Partial<MergedRow> = {}): MergedRow =>
  ({
    [questionField]: "Which metal is it?",
    [answerField]: "gold",
    Question: "Which metal is it?",
    Long_CoT: turned,
    Complex_CoT,
    Response: "Gold, since it stays bright.",
    ...change,
  }) as MergedRow;

const good = "It is heavy and shines.\nCopper, maybe.\nWait, copper turns green.\nIt stays bright, so gold.";

suite("checks of a monologue", () => {
  test("one that follows the search passes", () => {
    expect(faultOf(row(good), defaultLimits)).toBeNull();
    expect(endOf("a\n\nb\nc\nd\n")).toBe("b\nc\nd");
  });

  test("the answer may not come before the conclusion that was given up", () => {
    expect(revealsEarly(row("It is gold, I think.\nOr copper?\nNo, gold."))).toBe(true);
    expect(revealsEarly(row("It shines.\nSo it is gold."))).toBe(true); // the turn is lost
    expect(revealsEarly(row("Copper or gold?\nGold."))).toBe(false); // the same thought names both
    const considered = [thinking("Copper or gold."), ...turned.slice(1)];
    expect(revealsEarly(row("Gold or copper?\nCopper.\nNo, gold.", { Long_CoT: considered }))).toBe(false);
    const straight = [thinking("It shines."), conclusion("Gold"), verification("Yes.")];
    expect(revealsEarly(row("Gold.\nYes.", { Long_CoT: straight }))).toBe(false);
    expect(faultOf(row("It is gold, I think.\nOr copper?"), defaultLimits)?.label).toBe("early");
  });

  test("words that give away a key are leaks; ordinary talk of answers is none", () => {
    for (const text of [
      "The labelled answer is gold.",
      "According to the answer key, gold.",
      "The reference answer says gold.",
      "I was told the correct answer.",
      "We are given the answer.",
      "The ground truth answer must be gold.",
    ]) {
      expect(leakIn(text), text).not.toBeNull();
    }
    for (const text of [
      "So the answer is gold.",
      "The correct answer is gold, then.",
      "That must be the correct answer!",
      "The patient's reference values.",
      "He gave an answer.",
    ])
      expect(leakIn(text), text).toBeNull();
    expect(faultOf(row(`${good}\nThe answer key agrees.`), defaultLimits)?.label).toBe("leak");
  });

  test.skipIf(isDemoMissing)("published monologues, which were made without such checks, hardly ever trip them", () => {
    const tripped = demoRows.filter(
      ({ Complex_CoT, Response }) => leakIn(String(Complex_CoT)) ?? leakIn(String(Response)),
    );
    console.info(`leak words in ${tripped.length} of ${demoRows.length} published rows`);
    expect(tripped.length).toBeLessThanOrEqual(2);
  });

  test("lost or invented turns show in the length, and marks of the form inside are refused", () => {
    expect(faultOf(row("Copper.\nGold."), defaultLimits)?.label).toBe("length");
    expect(faultOf(row(`${good}\n${"and so on ".repeat(40)}`), defaultLimits)?.label).toBe("length");
    expect(faultOf(row(`## Thinking\n${good}`), defaultLimits)?.label).toBe("form");
  });
});
