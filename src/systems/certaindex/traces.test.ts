import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, suite, test } from "vitest";
import { replayOne } from "./policy/replay.ts";
import { Policy, type StopReason, type TraceEvent } from "./schemas.ts";
import { openTrace, readTrace, recordingsFromTrace, resultsFromTrace } from "./traces.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "certaindex-trace-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const details = { program: "self-consistency", model: "m", cap: 4 };

/** A program that spends `reached` units of 10 tokens, and was stopped after `knob` of them. */
function traced(program: string, knob: number, reason: StopReason, reached = knob, granted = reached): TraceEvent[] {
  const steps = Array.from({ length: reached }, (_, index): TraceEvent => {
    const step = {
      knob: index + 1,
      tokens: 10 * (index + 1),
      probeTokens: index,
      promptTokens: 0,
      sharedPromptTokens: 0,
      signals: index > 0 ? { entropy: 1 } : {},
      answer: "7",
      correct: true,
    };
    return { t: 2 + index, program, kind: "certaindex", step };
  });
  return [
    { t: 1, program, kind: "arrive" },
    { t: 1, program, kind: "grant", units: granted },
    ...steps.slice(0, knob),
    { t: 3, program, kind: "stop", reason, knob },
    ...steps.slice(knob),
    { t: 9, program, kind: "finish", answer: "7", correct: true },
  ];
}

const collect = async (file: string) => await Array.fromAsync(readTrace(file));

suite("trace files", () => {
  test("every line is in the file when append returns, and a second process adds to it", async () => {
    const file = join(dir, "trace.jsonl");
    const events = traced("q1", 2, "settled");
    const first = openTrace(file, { flush: "each" });
    first.append(events[0]!);
    expect(readFileSync(file, "utf8")).toBe(`${JSON.stringify(events[0])}\n`);
    first.close();
    const second = openTrace(file);
    for (const event of events.slice(1)) second.append(event);
    second.close();
    expect(await collect(file)).toEqual(events);
  });
  test("a line that a crash cut short is left out by readers and dropped by the next writer", async () => {
    const file = join(dir, "trace.jsonl");
    const [arrive, grant] = traced("q1", 2, "settled") as [TraceEvent, TraceEvent];
    writeFileSync(file, `${JSON.stringify(arrive)}\n{"t":1,"pro`);
    expect(await collect(file)).toEqual([arrive]);
    const writer = openTrace(file);
    writer.append(grant);
    writer.close();
    expect(await collect(file)).toEqual([arrive, grant]);
  });
  test("damage in the middle, and a bad event at the end, name their line and field", async () => {
    const file = join(dir, "trace.jsonl");
    const [arrive] = traced("q1", 2, "settled");
    writeFileSync(file, `${JSON.stringify(arrive)}\n{"t":1,"pro\n${JSON.stringify(arrive)}\n`);
    await expect(collect(file)).rejects.toThrow("trace.jsonl line 2");
    writeFileSync(file, `${JSON.stringify(arrive)}\n`);
    appendFileSync(file, `{"t":1,"program":"q1","kind":"grant","units":0}\n`);
    await expect(collect(file)).rejects.toThrow("units: expected a whole number of at least 1, got 0");
  });
});

suite("results from a trace", () => {
  test("are those of the stop, also for a shadowed program that went on", () => {
    const events = [...traced("q1", 2, "settled", 4), ...traced("q2", 4, "cap")];
    expect(resultsFromTrace(events)).toMatchObject([
      { program: "q1", knob: 2, tokens: 20, probeTokens: 1, answer: "7", correct: true, reason: "settled", seconds: 8 },
      { program: "q2", knob: 4, tokens: 40, reason: "cap" },
    ]);
  });
  test("leave out what is under way, and count a program begun again from its last arrival", () => {
    const cut = traced("q1", 4, "cap").slice(0, 5);
    expect(resultsFromTrace(cut)).toEqual([]);
    const again = resultsFromTrace([...cut, ...traced("q1", 2, "settled")]);
    expect(again).toMatchObject([{ knob: 2, tokens: 20 }]);
    expect(recordingsFromTrace([...cut, ...traced("q1", 4, "cap")], details)[0]!.steps).toHaveLength(4);
  });
  test("a trace without its beginning is refused", () => {
    expect(() => resultsFromTrace(traced("q1", 2, "settled").slice(1))).toThrow("q1 has a grant before it arrived");
  });
});

suite("recordings from a trace", () => {
  const policy = Policy.parse({ algorithm: "single-step", detectAt: 2, cap: 4, thresholds: { entropy: 1 } });
  test("replayed under the policy they ran with give the live figures", () => {
    const events = [...traced("q1", 2, "settled"), ...traced("q2", 2, "settled", 4)];
    const replayed = recordingsFromTrace(events, details).map((recording) => replayOne(policy, recording));
    const figures = ({ knob, tokens, probeTokens, answer, correct, reason }: (typeof replayed)[number]) => ({
      ...{ knob, tokens, probeTokens, answer, correct, reason },
    });
    expect(replayed.map(figures)).toEqual(
      resultsFromTrace(events).map(({ knob, tokens, probeTokens, answer, correct, reason }) => ({
        ...{ knob, tokens, probeTokens, answer, correct, reason },
      })),
    );
  });
  test("say where they were cut short, and a more careful policy is refused on those", () => {
    const [stopped, shadowed, natural] = recordingsFromTrace(
      [
        ...traced("stopped", 2, "settled"),
        ...traced("shadowed to its own end", 2, "settled", 3, 4),
        ...traced("natural", 3, "natural", 3, 4),
      ],
      { ...details, targets: new Map([["natural", "7"]]) },
    );
    expect([stopped!.ended, shadowed!.ended, natural!.ended]).toEqual(["settled", undefined, undefined]);
    expect(natural!.target).toBe("7");
    const careful = Policy.parse({ algorithm: "even", detectAt: 4, cap: 4 });
    expect(replayOne(careful, shadowed!)).toMatchObject({ knob: 3, reason: "natural", isFullKnown: true });
    expect(() => replayOne(careful, stopped!)).toThrow("stopped was stopped after 2 units (settled)");
  });
  test("a program that failed ends where it failed under every policy", () => {
    const [failed] = recordingsFromTrace(traced("q1", 1, "failed"), details);
    expect(replayOne(policy, failed!)).toMatchObject({ knob: 1, reason: "failed", isFullKnown: false });
  });
});
