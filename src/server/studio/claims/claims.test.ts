/** The board: for each system the newest measurement of each mode, and what is being measured now. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, suite, test } from "vitest";
import { judgeClaim } from "../../../core/claim.ts";
import { openRun } from "../../../core/run.ts";
import { testStudio } from "../studio.fixtures.ts";

/** As `polymath claim` leaves it, with one row measured at `value`. */
async function measure(
  root: string,
  system: string,
  mode: "quick" | "full",
  value: number,
  reach = 1,
): Promise<string> {
  const run = await openRun({ command: "claim", args: [system], options: { quick: mode === "quick", seed: 3 }, root });
  const measured = { value, low: value - reach, high: value + reach, level: 0.95 };
  const row = { id: "C1", claim: "It saves", published: 30, unit: "%", measured, wanted: { atLeast: 20 } };
  const claim = judgeClaim({ system, paper: "P", mode, rows: [row], seeds: [3, 4], device: "here", durationMs: 5 });
  writeFileSync(run.path("claim.json"), JSON.stringify(claim));
  await run.finish();
  return run.id;
}

suite("the board of claims", () => {
  test("shows figures, seeds, device and command of the newest run of each mode", async () => {
    const studio = await testStudio({ claimSystems: ["one", "two"] });
    await measure(studio.root, "one", "quick", 10);
    const full = await measure(studio.root, "one", "full", 25);
    const quick = await measure(studio.root, "one", "quick", 40);
    const { entries, canStart } = await studio.call("claims.board", {});
    expect(canStart).toBe(false);
    expect(entries.map(({ system, measured }) => [system, measured.map(({ run }) => run)])).toEqual([
      ["one", [quick, full]],
      ["two", []],
    ]);
    expect(entries[0]!.measured[0]).toMatchObject({
      commandLine: "polymath claim one --quick --seed 3",
      claim: { seeds: [3, 4], device: "here", verdict: "reproduced", rows: [{ published: 30, verdict: "reproduced" }] },
    });
  });

  test("a single seed's figure is shown without ends, which JSON has as null", async () => {
    const studio = await testStudio({ claimSystems: ["one"] });
    await measure(studio.root, "one", "quick", 40, Number.POSITIVE_INFINITY);
    const { entries } = await studio.call("claims.board", {});
    const [row] = JSON.parse(JSON.stringify(entries))[0].measured[0].claim.rows;
    expect(row).toMatchObject({ measured: { value: 40, low: null, high: null }, verdict: "inconclusive" });
  });

  test("what was kept of a full measurement is named in a clone, and said to be elsewhere in a package", async () => {
    const kept = mkdtempSync(join(tmpdir(), "kept-"));
    onTestFinished(() => rmSync(kept, { recursive: true }));
    writeFileSync(join(kept, "one.md"), "# one");
    const clone = await testStudio({ claimSystems: ["one", "two"], keptReports: kept });
    const board = await clone.call("claims.board", {});
    expect(board.hasKeptReports).toBe(true);
    expect(board.entries.map(({ keptReport }) => keptReport)).toEqual(["docs/claims/one.md", null]);
    const packed = await testStudio({ claimSystems: ["one"], keptReports: join(kept, "none") });
    expect(await packed.call("claims.board", {})).toMatchObject({
      hasKeptReports: false,
      entries: [{ keptReport: null }],
    });
  });

  test("a damaged measurement, one under way and one of another kind count as none", async () => {
    const studio = await testStudio({ claimSystems: ["one"] });
    const damaged = await openRun({ command: "claim", args: ["one"], root: studio.root });
    writeFileSync(damaged.path("claim.json"), "{");
    await damaged.finish();
    await (await openRun({ command: "claimant", args: ["one"], root: studio.root })).finish();
    const working = await openRun({ command: "claim", args: ["one"], root: studio.root });
    working.event("progress", { label: "seeds", done: 1, total: 5, unit: "seeds", fields: {} });
    const { entries } = await studio.call("claims.board", {});
    expect(entries[0]).toMatchObject({ measured: [], running: { run: working.id, progress: { done: 1, total: 5 } } });
    working.interrupt();
  });

  test("starts the command for a known system only", async () => {
    const started: string[][] = [];
    const studio = await testStudio({ claimSystems: ["one"], start: (words) => void started.push([...words]) });
    const { commandLine } = await studio.call("claims.start", { system: "one", mode: "full", seed: 7 });
    expect([commandLine, started]).toEqual([
      "polymath claim one --full --seed 7",
      [["claim", "one", "--full", "--seed", "7"]],
    ]);
    await expect(studio.call("claims.start", { system: "one; rm", mode: "full" })).rejects.toThrow(
      'no claim of "one; rm"',
    );
    expect(started.length).toBe(1);
  });
});
