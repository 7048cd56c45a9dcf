/** `codeelo compare` on files, as `rate --json` and `run --json` write them. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { compareCommand } from "./commands.ts";
import { makeContest, protocol } from "./contest.fixtures.ts";
import { rateContests } from "./rate.ts";

const folder = await mkdtemp(join(tmpdir(), "codeelo-compare-"));
afterAll(() => rm(folder, { recursive: true }));

const save = async (name: string, value: unknown) => {
  await writeFile(join(folder, name), JSON.stringify(value));
  return join(folder, name);
};
/** Solves A, or A and B, in three contests. */
const rate = (solvesB: boolean, attempts = protocol.attempts) =>
  rateContests(
    ["1", "2", "3"].map((id) => ({
      contest: makeContest(id),
      attempts: { A: [{ accepted: true }], B: [{ accepted: solvesB }], C: [{ accepted: false }] },
    })),
    { ...protocol, attempts },
  );
const compare = (first: string, second: string, force = false) =>
  compareCommand.run([first, second], { force }, {} as never);

suite("codeelo compare", () => {
  test("one protocol: a paired difference with its interval", async () => {
    const [weak, strong] = [
      await save("a.json", rate(false)),
      await save("b.json", { model: "b", rating: rate(true) }),
    ];
    const { difference, contestCount } = await compare(weak, strong);
    expect(contestCount).toBe(3);
    expect(difference.low).toBeGreaterThan(0);
    expect(difference.high).toBeGreaterThan(difference.value);
    expect((await compare(strong, weak)).difference.value).toBeCloseTo(-difference.value, 9);
  });
  test("two protocols are refused, by field and with the mend, unless it is forced", async () => {
    const [two, eight] = [await save("two.json", rate(false)), await save("eight.json", rate(false, 8))];
    await expect(compare(two, eight)).rejects.toMatchObject({
      message: "The two ratings were made under different protocols: attempts: 2 against 8",
      hint: expect.stringContaining("--force"),
    });
    expect((await compare(two, eight, true)).difference.value).toBe(0);
  });
  test("a file of something else is named, and the field", async () => {
    const other = await save("other.json", { rating: { contests: [] } });
    await expect(compare(other, other)).rejects.toThrow(/other\.json: .*protocol/);
  });
});
