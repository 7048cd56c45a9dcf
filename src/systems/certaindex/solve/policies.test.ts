import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { choosePolicy } from "./policies.ts";

const folder = mkdtempSync(join(tmpdir(), "policies-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "policy.json");
writeFileSync(file, JSON.stringify({ algorithm: "static", detectAt: 4, cap: 16, thresholds: { entropy: 0.5 } }));

const forVotes = { program: "self-consistency" } as const;

suite("policies as people write them", () => {
  test.each([
    [undefined, { algorithm: "static", detectAt: 5, cap: 20, thresholds: { entropy: 0.7 } }],
    ["none", { algorithm: "even", detectAt: 20, cap: 20 }],
    ["even:8", { algorithm: "even", detectAt: 8, cap: 8 }],
    ["static:0.4@6", { algorithm: "static", detectAt: 6, thresholds: { entropy: 0.4 } }],
    ["k-step:0.7@5/3", { algorithm: "k-step", detectAt: 5, every: 3 }],
    ["adaptive-consistency:0.9@2", { algorithm: "adaptive-consistency", confidence: 0.9, detectAt: 2, thresholds: {} }],
    ["static:entropy=0.85,rewardMax=0.99@16", { detectAt: 16, thresholds: { entropy: 0.85, rewardMax: 0.99 } }],
    [file, { algorithm: "static", detectAt: 4, cap: 16 }],
  ])("%s", async (text, policy) => {
    expect((await choosePolicy(text, forVotes)).policy).toMatchObject(policy);
  });

  test("a probing preset asks for agreement after every probe, and is remembered as one", async () => {
    const chosen = await choosePolicy("mid", { program: "chain-of-thought", cap: 40, minTokens: 500 });
    expect(chosen.preset).toBe("mid");
    expect(chosen.policy).toMatchObject({ algorithm: "single-step", detectAt: 1, thresholds: { consistency: 1 } });
    expect(chosen.policy).toMatchObject({ cap: 40, minTokens: 500 });
  });

  test("nothing stops a chain unless asked for", async () => {
    expect((await choosePolicy(undefined, { program: "chain-of-thought" })).policy).toMatchObject({
      algorithm: "even",
    });
  });

  test("the cap of the command line goes before the file's, and that before the usual one", async () => {
    expect((await choosePolicy(file, { ...forVotes, usualCap: 100 })).policy.cap).toBe(16);
    expect((await choosePolicy("none", { ...forVotes, usualCap: 100 })).policy.cap).toBe(100);
    expect((await choosePolicy(file, { ...forVotes, cap: 8 })).policy).toMatchObject({ cap: 8, detectAt: 4 });
    await expect(choosePolicy(file, { ...forVotes, cap: 3 })).rejects.toThrow("detectAt");
  });
});
