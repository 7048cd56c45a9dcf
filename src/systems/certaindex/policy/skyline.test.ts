import { expect, suite, test } from "vitest";
import { Recording } from "../schemas.ts";
import { skyline, unitsNeeded, upperEnvelope } from "./skyline.ts";

/** Right or wrong after each unit, with the certaindex at each. */
const recording = (outcomes: string, entropies: readonly number[]): Recording =>
  Recording.parse({
    ...{ id: "q", program: "self-consistency", cap: outcomes.length, model: "m" },
    steps: [...outcomes].map((outcome, index) => ({
      ...{ knob: index + 1, tokens: index + 1, answer: outcome, correct: outcome === "+" },
      signals: { entropy: entropies[index] ?? entropies.at(-1)! },
    })),
  });

suite("skyline", () => {
  test("a question needs the units from which on it stays right", () => {
    expect(unitsNeeded(recording("++-++", [0]))).toBe(4);
    expect(unitsNeeded(recording("+++++", [0]))).toBe(1);
    expect(unitsNeeded(recording("+++--", [0]))).toBeNull();
  });
  test("the envelope keeps what no other point exceeds in both", () => {
    const points = [
      { value: 0.2, knob: 9 },
      { value: 0.5, knob: 4 },
      { value: 0.5, knob: 6 },
      { value: 0.1, knob: 7 },
      { value: 0.9, knob: 2 },
    ];
    expect(upperEnvelope(points)).toEqual([
      { value: 0.2, knob: 9 },
      { value: 0.5, knob: 6 },
      { value: 0.9, knob: 2 },
    ]);
  });
  test("reads certaindex at the detection point; unsolved questions need nothing", () => {
    const recordings = [
      recording("--+++", [0, 0.8]), // settled at 2 by 0.8, needs 3
      recording("----+", [0, 0.3]), // by 0.3, needs 5
      recording("+++++", [0, 1]), // needs no more than the detection point
      recording("-----", [0, 0.9]),
    ];
    expect(skyline(recordings, { detectAt: 2 })).toEqual({
      signal: "entropy",
      points: [
        { value: 0.3, knob: 5 },
        { value: 0.8, knob: 3 },
        { value: 1, knob: 2 },
      ],
    });
    expect(skyline([], { detectAt: 2 }).points).toEqual([{ value: 1, knob: 2 }]);
  });
  test("for the dynamic curve every unit before the answer came is a point", () => {
    const rising = recording("----+", [0, 0.3, 0.6, 0.7]);
    expect(skyline([rising], { detectAt: 2, everyStep: true }).points).toEqual([{ value: 0.7, knob: 5 }]);
  });
});
