/** The experiment on the teacher's own traces instead of the model's: probes that always tell the current state. */
import { expect, suite, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { Recording } from "../schemas.ts";
import { type Question, sampleQuestion, sampleQuestions } from "../world/question.ts";
import { chainsTask } from "../world/task.ts";
import { CONTEXT_LENGTH, drawRechecks, teach } from "../world/teacher.ts";
import { calibrateProbing, probingFindings } from "./probing.ts";

const interval = 4;

function thought(question: Question, rng: Random): Recording {
  const { id, target } = chainsTask(question, "think");
  const { tokens, current, answer } = teach(question, "think", rng, { recheckCount: drawRechecks(question, rng) });
  const chunks = Math.ceil(tokens.length / interval);
  const steps = Array.from({ length: chunks }, (_, index) => {
    const isEnd = index === chunks - 1;
    const said = String(isEnd ? answer : current[interval * (index + 1) - 1]);
    return {
      knob: index + 1,
      tokens: Math.min(tokens.length, interval * (index + 1)),
      probeTokens: 2 * Math.min(index + 1, chunks - 1),
      signals: {},
      answer: said,
      correct: said === target,
    };
  });
  return Recording.parse({
    id,
    program: "chain-of-thought",
    cap: CONTEXT_LENGTH / interval,
    settings: { interval },
    model: "teacher",
    target,
    steps,
  });
}

const rng = new Random("thoughts");
const thoughts = (count: number, draw: (stream: Random) => Question) =>
  sampleQuestions(rng, count, draw).map((question) => thought(question, rng));
const mixed = (stream: Random) =>
  sampleQuestion(stream, { class: stream.bool(0.2) ? "broken" : "clean", split: "train" });
const plateau = (stream: Random) => sampleQuestion(stream, { class: "clean", plateau: true, split: "train" });

suite("probing on the teacher's traces", () => {
  const calibrated = calibrateProbing(
    thoughts(400, (stream) => (stream.bool(0.25) ? plateau : mixed)(stream)),
    0,
  );
  const trial = {
    seed: 0,
    calibrated,
    ordinary: thoughts(400, mixed),
    plateau: thoughts(150, plateau),
    noisy: thoughts(20, mixed),
  };
  const { rows, sections } = probingFindings([trial]);
  const row = (id: string) => rows.find((one) => one.id === id)!;

  test("a calibrated floor and window saves net tokens at no loss", () => {
    expect(calibrated!.calibration.losses).toBe(0);
    expect(row("C7").measured.low).toBeGreaterThan(15);
    expect(row("C8").measured.value).toBeLessThan(0.5);
    expect(row("C8").control!.measured.low).toBeGreaterThan(1);
  });
  test("the preset mid stops on plateaus, at a wrong state; the calibrated one does not", () => {
    expect(row("C9").measured.low).toBeGreaterThan(30);
    expect(row("C9").control!.measured.high).toBeLessThan(10);
  });
  test("without a policy nothing is stopped or asked", () => {
    const { rows: bare } = probingFindings([{ ...trial, calibrated: null }]);
    expect(bare.find(({ id }) => id === "C7")!.measured.value).toBe(0);
    const [ordinary] = sections as { rows: unknown[][] }[];
    expect(ordinary!.rows.map(([name]) => name)).toEqual([
      "no probes",
      "preset mid",
      "preset high",
      "preset crazy",
      "floor and window, calibrated",
      "calibrated stops, dealt out at random",
    ]);
  });
});
