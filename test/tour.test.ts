/** The tour from outside: a stop that fails is a row, and the exit code tells of it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { polymath } from "./fixtures.ts";

const cwd = mkdtempSync(join(tmpdir(), "polymath-tour-"));
afterAll(() => rmSync(cwd, { recursive: true }));

suite("polymath tour", () => {
  test("a failing stop is told in its row, the next one still has its turn, and the exit code is 1", () => {
    const models = join(cwd, "models");
    mkdirSync(models);
    const words = ["tour", "certaindex", "huatuogpt-o1", "--json"];
    const { status, stdout } = polymath(words, { cwd, env: { POLYMATH_MODELS: models } });
    const { passed, stops, report } = JSON.parse(stdout);
    expect([status, passed]).toEqual([1, false]);
    expect(stops).toMatchObject([
      {
        system: "certaindex",
        status: "failed",
        figures: [],
        problem: { message: `There is no model "chains" in ${models}`, hint: "`polymath train reasoner` makes one." },
      },
      { system: "huatuogpt-o1", status: "passed", problem: null }, // its data engine needs no model
    ]);
    expect(stops[1].figures).toContainEqual({ label: "rows with the true answer", measured: "100 %", published: null });
    const { sections } = JSON.parse(readFileSync(join(dirname(report), "report.json"), "utf8"));
    expect(sections[0].rows[0].slice(0, 2)).toEqual([
      "certaindex",
      `failed: There is no model "chains" in ${models} (\`polymath train reasoner\` makes one.)`,
    ]);
  });
  test("a stop that does not exist is named with those that do", () => {
    const { status, stderr } = polymath(["tour", "codelo"], { cwd });
    expect(status).toBe(2);
    expect(stderr).toContain('The tour has no stop "codelo"');
    expect(stderr).toContain("overthinking, certaindex, codeelo, huatuogpt-o1, lightningdit");
  });
});
