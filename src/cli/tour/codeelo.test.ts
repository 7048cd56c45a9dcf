/** The stop of codeelo where something is missing: a tool of the machine is only said, a model of the package is a fault. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { MissingError } from "../../core/errors.ts";
import { SandboxError } from "../../sandbox/index.ts";
import { type StopOptions, visitStop } from "./stop.ts";

const needLanguage = vi.fn(async () => {});
const openJudge = vi.fn();
vi.mock("../../systems/codeelo/index.ts", async (importOriginal) => ({
  ...(await importOriginal<object>()),
  needLanguage: () => needLanguage(),
  openJudge: () => openJudge(),
}));

const models = mkdtempSync(join(tmpdir(), "polymath-stop-"));
beforeAll(() => void vi.stubEnv("POLYMATH_MODELS", models)); // read when the stop is loaded
afterAll(() => rmSync(models, { recursive: true }));

const visit = async () => {
  const { visitCodeElo } = await import("./codeelo.ts");
  const signal = new AbortController().signal;
  const progress = () => ({ update() {}, stop() {} });
  const options: StopOptions = { seed: 0, signal, progress, say: () => {}, path: (name) => name };
  return visitStop({ system: "codeelo", visit: visitCodeElo }, options);
};

test("without its model it fails, and says what makes one", async () => {
  expect(await visit()).toMatchObject({
    status: "failed",
    problem: { message: expect.stringContaining("There is no model in"), hint: "`polymath train coder` makes it." },
  });
});

test("without Python, or a way to confine it, the row says what to install", async () => {
  mkdirSync(join(models, "coder"));
  writeFileSync(join(models, "coder", "config.json"), "{}");
  needLanguage.mockRejectedValueOnce(
    new MissingError("This machine cannot run Python programs", { hint: "apt install python3" }),
  );
  expect(await visit()).toMatchObject({
    status: "skipped",
    passed: true,
    problem: { message: "This machine cannot run Python programs", hint: "apt install python3" },
  });
  openJudge.mockRejectedValueOnce(
    new SandboxError("Cannot run programs safely: no bwrap", { hint: "apt install bubblewrap" }),
  );
  expect(await visit()).toMatchObject({ status: "skipped", problem: { hint: "apt install bubblewrap" } });
});

test("a judge that breaks for another reason fails it", async () => {
  openJudge.mockRejectedValueOnce(new Error("out of disk"));
  expect(await visit()).toMatchObject({ status: "failed", problem: { message: "out of disk", hint: null } });
});
