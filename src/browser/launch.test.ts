/** Where a Chromium is looked for. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, suite, test, vi } from "vitest";
import { findChromium } from "./launch.ts";

suite("findChromium", () => {
  test("takes the program that is named, before any other", async () => {
    const folder = mkdtempSync(join(tmpdir(), "chromium-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const program = join(folder, "chromium");
    writeFileSync(program, "");
    vi.stubEnv("POLYMATH_CHROMIUM", program);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await findChromium()).toEqual({ program, args: [], origin: "POLYMATH_CHROMIUM" });
  });

  test("says so when the named one is not there", async () => {
    vi.stubEnv("POLYMATH_CHROMIUM", "/nowhere/chromium");
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(findChromium()).rejects.toThrow("POLYMATH_CHROMIUM: there is no /nowhere/chromium");
  });
});
