import { expect, test } from "vitest";
import { claimCommand } from "./claim.ts";

const run = (system: string, options: { quick?: boolean; full?: boolean }) =>
  claimCommand.run([system], { quick: false, full: false, seed: 0, ...options }, undefined as never);

test("names the systems that have a claim", async () => {
  const error = { message: 'There is no claim of "certain"', hint: expect.stringContaining("certaindex"), exitCode: 2 };
  await expect(run("certain", {})).rejects.toMatchObject(error);
  await expect(run("toString", {})).rejects.toThrow('There is no claim of "toString"');
});

test("quick and full exclude each other", async () => {
  await expect(run("certaindex", { quick: true, full: true })).rejects.toThrow("expected one of them");
});

test.each([
  ["reproduced", 0],
  ["not reproduced", 3],
  ["inconclusive", 4],
] as const)("%s ends with code %i", (verdict, code) => {
  expect(claimCommand.exitCode!({ verdict } as never)).toBe(code);
});
