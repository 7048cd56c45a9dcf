import { afterEach, expect, suite, test, vi } from "vitest";
import { examine, firstLine, versionIn } from "./finding.ts";

const known = { section: "Programs", name: "oracle", enables: "foresight", get: "go to Delphi" } as const;

suite("examine", () => {
  afterEach(() => vi.useRealTimers());

  test("tells how to get only what is missing", async () => {
    expect(await examine(known, async () => ({ ok: true, found: "1.2" }))).toEqual({
      section: "Programs",
      name: "oracle",
      enables: "foresight",
      ok: true,
      found: "1.2",
    });
    expect((await examine(known, async () => ({ ok: false, found: "none" }))).get).toBe("go to Delphi");
    expect((await examine(known, async () => ({ ok: false, found: "none", get: "wait" }))).get).toBe("wait");
  });
  test("a probe that throws is a finding", async () => {
    const broken = () => Promise.reject(new Error("no priestess\nat the temple"));
    expect(await examine(known, broken)).toMatchObject({ ok: false, found: "no priestess", get: "go to Delphi" });
  });
  test("a probe that hangs is a finding", async () => {
    vi.useFakeTimers();
    const finding = examine(known, () => new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await finding).toMatchObject({ ok: false, found: "did not answer within 10 s" });
  });
});

suite("programs", () => {
  test("the first line they print, or nothing", async () => {
    expect(await firstLine(process.execPath, "--version")).toBe(process.version);
    expect(await firstLine(process.execPath, "-e", "process.exit(1)")).toBeUndefined();
    expect(await firstLine("no-such-program-anywhere")).toBeUndefined();
  });
  test.each([
    ["gcc (Debian 12.2.0-14) 12.2.0", "12.2.0"],
    ['openjdk version "17.0.15" 2025-04-15', "17.0.15"],
    ["go version go1.24 linux/amd64", "1.24"],
    ["unknown", "unknown"],
  ])("%s", (line, version) => expect(versionIn(line)).toBe(version));
});
