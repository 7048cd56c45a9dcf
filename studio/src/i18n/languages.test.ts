import { expect, test } from "vitest";
import { en } from "./en.ts";
import { zh } from "./zh.ts";

const slots = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test("both languages have the same words, with the same values in them", () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  for (const [key, words] of Object.entries(en))
    expect([key, slots(zh[key as keyof typeof en])]).toEqual([key, slots(words)]);
});
