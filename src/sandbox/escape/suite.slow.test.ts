/** The escape suite in every combination that this machine has, as this user and, from root, as an ordinary one. */
import { execFile } from "node:child_process";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, suite, test } from "vitest";
import { probeSandbox } from "../probe.ts";
import type { EscapeResult } from "./suite.ts";

const isRoot = process.getuid?.() === 0;
const ordinary = 65534;
const cache = await mkdtemp(join(tmpdir(), "escape-cache-"));
if (isRoot) await chown(cache, ordinary, ordinary);
afterAll(() => rm(cache, { recursive: true, force: true }));

const combinations = (["bubblewrap", "unshare"] as const).flatMap((launcher) =>
  (["c", "python"] as const).flatMap((init) => [false, true].map((cgroups) => ({ launcher, init, cgroups }))),
);

suite.each(combinations)("escape suite: $launcher, $init, control groups $cgroups", (combination) => {
  test.each(isRoot ? ["as root", "as an ordinary user"] : ["as an ordinary user"])("%s", async (who) => {
    const { report } = await probeSandbox(combination);
    if (!report.ok || (combination.cgroups && report.level !== "B")) {
      console.info(`escape suite: ${report.missing.map(({ what }) => what).join("; ")}; skipped`);
      return;
    }
    const asOther = isRoot && who !== "as root";
    if (asOther && combination.cgroups) return; // groups are root's here
    const { launcher, init, cgroups } = combination;
    const file = join(import.meta.dirname, "suite.fixtures.ts");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [file, launcher, init, `${cgroups}`, ...(asOther ? [`${ordinary}`] : [])],
      { env: { ...process.env, ...(asOther ? { XDG_CACHE_HOME: cache } : {}) } },
    );
    const { results } = JSON.parse(stdout) as { results: EscapeResult[] };
    expect(results.filter(({ contained }) => !contained)).toEqual([]);
    expect(results.length).toBeGreaterThan(40);
  });
});
