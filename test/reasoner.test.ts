/** The reasoner that ships: it answers what people type, and the tour ends well. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { polymath } from "./fixtures.ts";

const cwd = mkdtempSync(join(tmpdir(), "polymath-reasoner-"));
afterAll(() => rmSync(cwd, { recursive: true }));

suite("the reasoner of models/", () => {
  test.each([
    ["17+25+38", "80"],
    ["97+86+64", "247"],
    ["What is 17 plus 25?", "42"],
  ])("%s is %s", (question, sum) => {
    const { status, stdout } = polymath(["ask", question, "--json"], { cwd });
    const { answer, thinking, solutions, model } = JSON.parse(stdout);
    expect({ status, answer, model }).toEqual({ status: 0, answer: sum, model: "reasoner" });
    expect(solutions).toBeGreaterThanOrEqual(1);
    expect(thinking).toContain(sum);
  });
  test("a person sees the thinking on stderr and the answer alone on stdout", () => {
    const { stdout, stderr } = polymath(["ask", "17+25+38"], { cwd });
    expect(stdout).toBe("80\n");
    expect(stderr).toMatch(/1\) .*→.*\d+ solutions?, \d+ tokens, \d+ tokens\/s, reasoner/s);
  });
  test("its stop of the tour ends well and leaves a report", () => {
    const { status, stdout } = polymath(["tour", "overthinking", "--no-serve"], { cwd });
    expect(stdout).toMatch(/✓ {2}overthinking .* right answers +(9[5-9](\.\d)?|100) %/);
    expect(status).toBe(0);
    const [, report] = /^report: (.+)$/m.exec(stdout)!;
    expect(readFileSync(join(cwd, report!), "utf8")).toContain("Polymath: the tour");
  });
});
