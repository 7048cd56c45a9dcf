import fc from "fast-check";
import { expect, test } from "vitest";
import { splitPlaces } from "./split-places.ts";

test("cuts stand before sentences and paragraphs, and not closer than handles would be", () => {
  const text = "I add the two numbers carefully. Then I check the whole sum again.\n\nSo it is twelve. Yes.";
  expect(splitPlaces(text).map((place) => text.slice(place, place + 7))).toEqual(["Then I ", "So it i"]);
});

test("whatever the text, places rise and leave words on both sides", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", " ", ".", "\n", "。", "?"), maxLength: 400 }), (text) => {
      const places = splitPlaces(text);
      for (const [index, place] of places.entries()) {
        expect(place).toBeGreaterThan(places[index - 1] ?? 0);
        expect([text.slice(0, place).trim() !== "", text.slice(place).trim() !== ""]).toEqual([true, true]);
      }
    }),
  );
});
