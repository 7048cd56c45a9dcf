import { expect, test } from "vitest";
import { parseForm } from "../form.ts";
import { formats, TrlPreference } from "./formats.ts";

const chain = (thought: string, conclusion: string) => [
  { action: "Inner Thinking", title: "t", content: thought },
  { action: "Final Conclusion", content: conclusion },
  { action: "Verification", content: "?" },
];
const row = {
  Question: "Which metal?",
  Complex_CoT: "Copper?\nNo, nickel.",
  Response: "It is nickel.",
  response_struct: [chain("It is red.", "It is copper."), chain("It is grey.", "It is nickel.")],
  verify: [false, true],
};

test("the accepted answer is preferred to the first that was given up; a row without one gives no pair", () => {
  const { input, convert } = formats["trl-preference"];
  const pair = TrlPreference.parse(convert(input.parse(row), {} as never));
  expect(pair.prompt).toEqual([{ role: "user", content: "Which metal?" }]);
  expect(parseForm(pair.chosen[0]!.content)).toEqual({ thinking: row.Complex_CoT, response: row.Response });
  expect(parseForm(pair.rejected[0]!.content)).toEqual({ thinking: "It is red.", response: "It is copper." });
  expect(convert(input.parse({ ...row, verify: [true] }), {} as never)).toBeNull();
  const { response_struct: _, ...published } = row;
  expect(input.safeParse(published).success).toBe(false);
});
