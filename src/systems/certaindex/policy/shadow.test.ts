import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { Policy } from "../schemas.ts";
import { addOutcome, alarmLevel, noEvidence } from "./drift.ts";
import { sampleRecording } from "./questions.fixtures.ts";
import { replayOne } from "./replay.ts";
import { createShadow, type ShadowState } from "./shadow.ts";

const policy = Policy.parse({ algorithm: "static", detectAt: 5, cap: 20, thresholds: { entropy: 0.6 } });
const options = { allowed: 0.02 };

/** Before the drift the model is sure where it is right; after it, it starts out sure of what it later gives up. */
const settledKinds = [
  { share: 0.7, right: 0.97, wrongCount: 4, favourite: 0.25 },
  { share: 0.3, right: 0.45, wrongCount: 8, favourite: 0.125 },
];

/** The n-th program of a stream: after `driftAt`, half of the early agreements are about the wrong answer. */
function stopped(n: number, random: Random, driftAt: number) {
  const recording = sampleRecording(`p${n}`, random, { kinds: settledKinds, at: [5, 20] });
  const { reason, answer, fullAnswer } = replayOne(policy, recording);
  const isMisled = n >= driftAt && random.bool(0.5);
  return { isStopped: reason === "settled", disagrees: isMisled || answer !== fullAnswer };
}

/** Programs after the drift until the policy is off; undefined when it stays on. */
function delay(seed: number, driftAt: number, length: number): number | undefined {
  const random = new Random(`drift ${seed}`);
  const shadow = createShadow(policy, { ...options, seed });
  for (let n = 0; n < length; n++) {
    const { isStopped, disagrees } = stopped(n, random, driftAt);
    if (isStopped && shadow.isShadowed(`p${n}`) && shadow.record(`p${n}`, disagrees)) return n - driftAt;
  }
  return undefined;
}

suite("shadow mode", () => {
  test("finds a planted drift within 200 programs at 10 % shadow, after 300 good ones, in 9 of 10 streams", () => {
    const delays = Array.from({ length: 100 }, (_, seed) => delay(seed, 300, 500));
    const found = delays.filter((programs) => programs !== undefined && programs >= 0);
    expect(found.length).toBeGreaterThanOrEqual(90);
  });
  test("without drift, 1,000 programs set off an alarm in hardly any stream", () => {
    const alarms = Array.from({ length: 60 }, (_, seed) => delay(seed, Number.POSITIVE_INFINITY, 1000));
    expect(alarms.filter((alarm) => alarm !== undefined).length).toBeLessThanOrEqual(3);
  });
  test("at exactly the allowed rate there are at least as many outcomes between alarms as promised", () => {
    const random = new Random("run length");
    const settings = { allowed: 0.05, falseAlarmEvery: 100 };
    const lengths = Array.from({ length: 400 }, () => {
      let evidence = noEvidence();
      let count = 0;
      for (; alarmLevel(evidence, settings) < 1; count++) evidence = addOutcome(evidence, random.bool(0.05), settings);
      return count;
    });
    expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).toBeGreaterThan(100);
  });
  test("evidence grows by one per outcome on average at the allowed rate, by hand: R = 0, raised rate 0.525", () => {
    const [good, bad] = [false, true].map((isBad) => addOutcome(noEvidence(), isBad, { allowed: 0.05 })[4]!) as [
      number,
      number,
    ];
    expect(bad).toBeCloseTo(0.525 / 0.05, 12);
    expect(good).toBeCloseTo(0.475 / 0.95, 12);
    expect(0.05 * bad + 0.95 * good).toBeCloseTo(1, 12);
  });

  test("chooses about the share, the same programs whatever the order, and others by another seed", () => {
    const shadow = createShadow(policy, options);
    const programs = Array.from({ length: 2000 }, (_, index) => `p${index}`);
    const chosen = programs.filter((program) => shadow.isShadowed(program));
    expect(chosen.length).toBeGreaterThan(150);
    expect(chosen.length).toBeLessThan(250);
    expect(
      programs
        .toReversed()
        .filter((program) => shadow.isShadowed(program))
        .toReversed(),
    ).toEqual(chosen);
    const other = createShadow(policy, { ...options, seed: 1 });
    expect(programs.filter((program) => other.isShadowed(program))).not.toEqual(chosen);
  });
  test("looks closer while there is suspicion, if asked to", () => {
    const shadow = createShadow(policy, { ...options, alertShare: 1 });
    const programs = Array.from({ length: 100 }, (_, index) => `p${index}`);
    shadow.record("p0", true);
    expect(shadow.isOff).toBe(false);
    expect(programs.every((program) => shadow.isShadowed(program))).toBe(true);
    for (let n = 0; n < 40; n++) shadow.record(`q${n}`, false);
    expect(programs.every((program) => shadow.isShadowed(program))).toBe(false);
  });
  test("turns the policy off for good, and remembers it over a restart", () => {
    const shadow = createShadow(policy, options);
    expect(shadow.inForce()).toBe(policy);
    for (const program of ["p1", "p2", "p3"]) shadow.record(program, true);
    expect(shadow.isOff).toBe(true);
    const state: ShadowState = JSON.parse(JSON.stringify(shadow.state()));
    const restarted = createShadow(policy, options, state);
    for (let n = 0; n < 100; n++) restarted.record(`q${n}`, false);
    expect(restarted.isOff).toBe(true);
    expect(restarted.inForce()).toMatchObject({ algorithm: "even", detectAt: 20, cap: 20 });
    expect(restarted.summary()).toMatchObject({ shadowed: 103, disagreed: 3, allowed: 0.02, isOff: true });
    expect(restarted.summary().offAt).toBe(state.offAt);
  });
  test("allows what calibration saw, and asks where nothing is known", () => {
    const calibration = { program: "self-consistency", model: "m", dataset: "d", n: 400, losses: 0 };
    const calibrated = Policy.parse({
      ...policy,
      calibration: { ...calibration, bound: 0.0075, delta: 0.01, confidence: 0.95, saved: 0.4, disagreement: 0.03 },
    });
    expect(createShadow(calibrated).summary().allowed).toBe(0.03);
    expect(() => createShadow(policy)).toThrow("allowed: missing");
    expect(() => createShadow(policy, { allowed: 0 })).toThrow("allowed: expected a share above 0");
    expect(() => createShadow(policy, { ...options, share: 2 })).toThrow(
      "share: expected a share above 0 and at most 1",
    );
  });
});
