/** Fixtures of the three-stage segmentation: steps, the replies of a scripted model, and the pieces that must come of them. */

/** `[first step, last step, answer]`, or with `false` an incomplete one. */
type Marked = [first: number, last: number, answer: string, complete?: boolean];

export type StageFixture = {
  name: string;
  stepCount: number;
  /** Replies of stage 1, one per request. */
  cut: string[];
  /** Steps that, asked in stage 2, state the answer already. */
  states?: number[];
  /** Cuts, by the step before them, that stage 3 finds wrong. */
  joins?: number[];
  /** Replies of stages 2 and 3 that cannot be read, in place of a verdict: by the step. */
  garbled?: { states?: number[]; joins?: number[] };
  windowSteps?: number;
  /** `[last step, answer]` of each piece. */
  expected: [last: number, answer: string | null][];
  flags?: string[];
  /** Requests in each stage. */
  requests?: [cut: number, states: number, joins: number];
};

export const xml = (...solutions: Marked[]): string =>
  solutions
    .map(
      ([first, last, answer, complete = true], index) =>
        `<solution${index + 1}><step>###STEP ${first} … ###STEP ${last}</step><answer>${answer}</answer><complete>${complete}</complete></solution${index + 1}>`,
    )
    .join("\n");

const failed = ["split_parse_error"];
/** What the rules make of steps without any sign of an answer. */
const byRules = (stepCount: number): StageFixture["expected"] => [[stepCount, null]];

export const stageFixtures: StageFixture[] = [
  // Stage 1: cut.
  { name: "one solution", stepCount: 3, cut: [xml([1, 3, "7"])], expected: [[3, "7"]], requests: [1, 2, 0] },
  {
    name: "two solutions",
    stepCount: 4,
    cut: [xml([1, 2, "7"], [3, 4, "7"])],
    expected: [
      [2, "7"],
      [4, "7"],
    ],
    requests: [1, 2, 1],
  },
  {
    name: "a wrong answer is a solution too",
    stepCount: 4,
    cut: [xml([1, 2, "6"], [3, 4, "7"])],
    expected: [
      [2, "6"],
      [4, "7"],
    ],
  },
  {
    name: "the last is stretched to the end",
    stepCount: 5,
    cut: [xml([1, 2, "7"], [3, 3, "7"])],
    expected: [
      [2, "7"],
      [5, "7"],
    ],
  },
  {
    name: "an incomplete end joins the last solution",
    stepCount: 5,
    cut: [xml([1, 3, "7"], [4, 5, "none", false])],
    expected: [[5, "7"]],
  },
  {
    name: "an incomplete middle joins the next",
    stepCount: 6,
    cut: [xml([1, 2, "7"], [3, 4, "none", false], [5, 6, "8"])],
    expected: [
      [2, "7"],
      [6, "8"],
    ],
  },
  {
    name: "complete, but without an answer",
    stepCount: 4,
    cut: [xml([1, 2, "7"], [3, 4, "none"])],
    expected: [[4, "7"]],
  },
  {
    name: "no solution is complete: one piece and a flag",
    stepCount: 3,
    cut: [xml([1, 3, "none", false])],
    expected: [[3, null]],
    flags: failed,
  },
  {
    name: "text around the form",
    stepCount: 2,
    cut: [`Here they are:\n${xml([1, 2, "7"])}\nDone.`],
    expected: [[2, "7"]],
  },
  {
    name: "one step, named once",
    stepCount: 1,
    cut: ["<solution1><step>###STEP 1</step><answer>7</answer><complete>true</complete></solution1>"],
    expected: [[1, "7"]],
    requests: [1, 0, 0],
  },
  {
    name: "a model that thinks first",
    stepCount: 2,
    cut: [`<think>${xml([1, 1, "3"], [2, 2, "4"])}</think>${xml([1, 2, "7"])}`],
    expected: [[2, "7"]],
  },
  // Stage 1: windows.
  {
    name: "windows, numbers running on",
    stepCount: 5,
    windowSteps: 2,
    cut: [xml([1, 2, "7"]), xml([3, 4, "7"]), xml([5, 5, "8"])],
    expected: [
      [2, "7"],
      [4, "7"],
      [5, "8"],
    ],
    requests: [3, 2, 2],
  },
  {
    name: "a solution across two windows",
    stepCount: 4,
    windowSteps: 2,
    cut: [xml([1, 2, "none", false]), xml([3, 4, "7"])],
    expected: [[4, "7"]],
  },
  {
    name: "an answerless last window",
    stepCount: 4,
    windowSteps: 2,
    cut: [xml([1, 2, "7"]), xml([3, 4, "none", false])],
    expected: [[4, "7"]],
  },
  // Stage 1: replies that cannot be read.
  {
    name: "read at the second asking",
    stepCount: 2,
    cut: ["I cannot do that.", xml([1, 2, "7"])],
    expected: [[2, "7"]],
    requests: [2, 1, 0],
  },
  {
    name: "no form, twice: the rules",
    stepCount: 2,
    cut: ["no", "no"],
    expected: byRules(2),
    flags: ["no_answer_found", ...failed],
    requests: [2, 0, 0],
  },
  {
    name: "overlapping steps, then mended",
    stepCount: 4,
    cut: [xml([1, 3, "7"], [3, 4, "7"]), xml([1, 3, "7"], [4, 4, "7"])],
    expected: [
      [3, "7"],
      [4, "7"],
    ],
  },
  {
    name: "overlapping steps, twice",
    stepCount: 4,
    cut: [xml([1, 3, "7"], [2, 4, "7"]), xml([1, 3, "7"], [3, 4, "7"])],
    expected: byRules(4),
    flags: ["no_answer_found", ...failed],
  },
  {
    name: "falling step numbers, twice",
    stepCount: 4,
    cut: [xml([3, 4, "7"], [1, 2, "7"]), xml([4, 3, "7"])],
    expected: byRules(4),
    flags: ["no_answer_found", ...failed],
  },
  {
    name: "a step that does not exist, twice",
    stepCount: 2,
    cut: [xml([1, 3, "7"]), xml([0, 2, "7"])],
    expected: byRules(2),
    flags: ["no_answer_found", ...failed],
  },
  {
    name: "an unclosed solution, then mended",
    stepCount: 3,
    cut: [`${xml([1, 2, "7"])}<solution2><step>###STEP 3`, xml([1, 3, "7"])],
    expected: [[3, "7"]],
  },
  {
    name: "the second window cannot be read: the rules for all",
    stepCount: 4,
    windowSteps: 2,
    cut: [xml([1, 2, "7"]), "no", "no"],
    expected: byRules(4),
    flags: ["no_answer_found", ...failed],
  },
  // Stage 2: cut again.
  {
    name: "sub-cut",
    stepCount: 4,
    cut: [xml([1, 4, "7"])],
    states: [2],
    expected: [
      [2, "7"],
      [4, "7"],
    ],
    requests: [1, 3, 1],
  },
  {
    name: "two sub-cuts",
    stepCount: 5,
    cut: [xml([1, 5, "7"])],
    states: [1, 3],
    expected: [
      [1, "7"],
      [3, "7"],
      [5, "7"],
    ],
  },
  {
    name: "a sub-cut in the second piece only",
    stepCount: 6,
    cut: [xml([1, 3, "7"], [4, 6, "8"])],
    states: [5],
    expected: [
      [3, "7"],
      [5, "8"],
      [6, "8"],
    ],
  },
  {
    name: "no verdict in stage 2: no cut",
    stepCount: 3,
    cut: [xml([1, 3, "7"])],
    states: [2],
    garbled: { states: [2] },
    expected: [[3, "7"]],
    requests: [1, 3, 0],
  },
  // Stage 3: merge.
  {
    name: "merge keeps the later answer",
    stepCount: 4,
    cut: [xml([1, 2, "6"], [3, 4, "7"])],
    joins: [2],
    expected: [[4, "7"]],
  },
  {
    name: "merge in the middle",
    stepCount: 6,
    cut: [xml([1, 2, "6"], [3, 4, "7"], [5, 6, "8"])],
    joins: [4],
    expected: [
      [2, "6"],
      [6, "8"],
    ],
  },
  {
    name: "a sub-cut merged away again",
    stepCount: 4,
    cut: [xml([1, 4, "7"])],
    states: [3],
    joins: [3],
    expected: [[4, "7"]],
  },
  {
    name: "all merged",
    stepCount: 3,
    cut: [xml([1, 1, "5"], [2, 2, "6"], [3, 3, "7"])],
    joins: [1, 2],
    expected: [[3, "7"]],
  },
  {
    name: "no verdict in stage 3: the cut stays",
    stepCount: 4,
    cut: [xml([1, 2, "6"], [3, 4, "7"])],
    joins: [2],
    garbled: { joins: [2] },
    expected: [
      [2, "6"],
      [4, "7"],
    ],
    requests: [1, 2, 2],
  },
];
