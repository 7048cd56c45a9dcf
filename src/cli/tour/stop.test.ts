/** A stop that throws is a row and no end of the tour; Ctrl-C is one. */
import { expect, suite, test } from "vitest";
import { MissingError } from "../../core/errors.ts";
import { createProgress } from "../../core/progress.ts";
import { type Stop, type StopOptions, visitStop } from "./stop.ts";
import { chooseStops, stops } from "./stops.ts";

const stream = { write: () => true, isTTY: false };
const options = (signal = new AbortController().signal): StopOptions => ({
  seed: 0,
  signal,
  progress: (given) => createProgress({ ...given, stream }),
  say: () => {},
  path: (name) => name,
});
const stop = (visit: Stop["visit"]): Stop => ({ system: "x", visit });

suite("visitStop", () => {
  test("keeps what a stop shows, and whether that is what it is for", async () => {
    const result = { did: "did it", figures: [], passed: false, sections: [] };
    expect(
      await visitStop(
        stop(async () => result),
        options(),
      ),
    ).toMatchObject({
      ...{ system: "x", status: "failed", did: "did it", problem: null },
    });
    expect(
      await visitStop(
        stop(async () => ({ ...result, passed: true })),
        options(),
      ),
    ).toMatchObject({
      status: "passed",
      passed: true,
    });
  });
  test("an error is a row with its message on one line and its hint", async () => {
    const visit = async () => {
      throw new MissingError("There is no model:\n  chains", { hint: "Train it." });
    };
    expect(await visitStop(stop(visit), options())).toMatchObject({
      status: "failed",
      passed: false,
      figures: [],
      problem: { message: "There is no model: chains", hint: "Train it." },
    });
  });
  test("what the machine lacks does not fail the tour", async () => {
    const lacking = stop(async () => ({ lacks: "no python", hint: "apt install python3" }));
    expect(await visitStop(lacking, options())).toMatchObject({
      status: "skipped",
      passed: true,
      problem: { message: "no python", hint: "apt install python3" },
    });
  });
  test("after Ctrl-C the error ends the tour", async () => {
    const controller = new AbortController();
    const visit = async () => {
      controller.abort();
      throw new Error("stopped");
    };
    await expect(visitStop(stop(visit), options(controller.signal))).rejects.toThrow("stopped");
  });
});

suite("chooseStops", () => {
  test("all by default, else those named in the tour's order", () => {
    expect(chooseStops([])).toEqual(stops);
    expect(chooseStops(["codeelo", "overthinking"]).map(({ system }) => system)).toEqual(["overthinking", "codeelo"]);
  });
  test("a name that is no stop is answered with those there are", () => {
    expect(() => chooseStops(["codelo"])).toThrow('The tour has no stop "codelo"');
  });
});
