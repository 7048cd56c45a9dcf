/**
 * Sample sets in shorthand, and by hand what each positive makes of them.
 * A sample is "a6 b7 a7 =7": solutions with strategy and answer, then the final answer; 7 is right. "*30" gives a
 * solution another length than 10 tokens, "?7" has an unknown strategy, "=" is a response without an answer.
 */
import type { PairSample, PositiveKind, SampleSet, Solution } from "../schemas.ts";
import type { DropReason } from "./build.ts";

export type PairFixture = {
  name: string;
  samples: string[];
  /** The chosen sample in the same shorthand, or why there is no pair. */
  expected: Record<PositiveKind, string | DropReason>;
  /** The rejected sample of all but silc. */
  rejected: string;
  /** Of silc. */
  silcRejected?: string;
};

const right = "7";
const frameTokens = 2;

export function sampleOf(text: string): PairSample {
  const words = text.split(" ");
  const answer = words.pop()!.slice(1) || null;
  const solutions = words.map((word): Solution => {
    const [, strategy, stated, length = "10"] = /^(.)(\d+)(?:\*(\d+))?$/.exec(word)!;
    return {
      text: `${word} `,
      answer: stated!,
      correct: stated === right,
      strategy: strategy === "?" ? null : strategy!,
      tokenCount: Number(length),
    };
  });
  return {
    opening: "<think>",
    solutions,
    closing: `</think>${answer ?? ""}`,
    answer,
    correct: answer === right,
    frameTokenCount: frameTokens,
  };
}

/** What the text of a chosen or rejected sample must be. */
export function textOf(shorthand: string): string {
  const words = shorthand.split(" ");
  const answer = words.pop()!.slice(1);
  return `<think>${words.join(" ")}</think>${answer}`;
}

export const setOf = ({ name, samples }: Pick<PairFixture, "name" | "samples">): SampleSet => ({
  id: name,
  prompt: "3 + 4?",
  samples: samples.map(sampleOf),
});

const all = (reason: DropReason): Record<PositiveKind, DropReason> => ({
  shortest: reason,
  fcs: reason,
  "fcs-reflection": reason,
  gds: reason,
  "fcs-plus-one": reason,
  silc: reason,
});

export const pairFixtures: PairFixture[] = [
  {
    name: "right at once, then the same again and a new way",
    samples: ["a7 a7 b7 =7", "a7 a7 b7 c7 =7"],
    expected: {
      shortest: "a7 a7 b7 =7",
      fcs: "a7 =7",
      "fcs-reflection": "a7 a7 =7",
      gds: "a7 =7",
      "fcs-plus-one": "a7 a7 =7",
      silc: "no-wrong",
    },
    rejected: "a7 a7 b7 c7 =7",
  },
  {
    name: "a wrong start stays in",
    samples: ["a6 b7 a7 =7", "a7*5 b7*5 c7*5 a7*50 =7"],
    expected: {
      shortest: "a6 b7 a7 =7",
      fcs: "a7*5 =7",
      "fcs-reflection": "a7*5 b7*5 =7",
      gds: "a7*5 b7*5 c7*5 =7",
      "fcs-plus-one": "a7*5 b7*5 =7",
      silc: "no-wrong",
    },
    rejected: "a7*5 b7*5 c7*5 a7*50 =7",
  },
  {
    name: "only wrong starts: they are kept up to the first right one",
    samples: ["a6 b7 b7 =7", "a6 a5 b7 b7 =7"],
    expected: {
      shortest: "a6 b7 b7 =7",
      fcs: "a6 b7 =7",
      "fcs-reflection": "a6 b7 b7 =7",
      gds: "a6 b7 =7",
      "fcs-plus-one": "a6 b7 b7 =7",
      silc: "no-wrong",
    },
    rejected: "a6 a5 b7 b7 =7",
  },
  {
    name: "the second right solution comes after a wrong one, which stays",
    samples: ["a7 b6 c7 =7", "a7 b6 c7 a7 =7"],
    expected: {
      shortest: "a7 b6 c7 =7",
      fcs: "a7 =7",
      "fcs-reflection": "a7 b6 c7 =7",
      gds: "a7 b6 c7 =7",
      "fcs-plus-one": "answer-disagrees",
      silc: "no-wrong",
    },
    rejected: "a7 b6 c7 a7 =7",
  },
  {
    name: "one right solution each: no reflection to keep",
    samples: ["a7 =7", "a7*20 =7"],
    expected: {
      shortest: "a7 =7",
      fcs: "a7 =7",
      "fcs-reflection": "no-second-correct",
      gds: "a7 =7",
      "fcs-plus-one": "a7 =7",
      silc: "no-wrong",
    },
    rejected: "a7*20 =7",
  },
  {
    name: "positives come from different samples",
    samples: ["a7*30 a7*2 =7", "a7*20 b7*30 =7", "a6*5 a7*5 a7*40 =7"],
    expected: {
      shortest: "a7*30 a7*2 =7",
      fcs: "a6*5 a7*5 =7",
      "fcs-reflection": "a7*30 a7*2 =7",
      gds: "a6*5 a7*5 =7",
      "fcs-plus-one": "a7*30 a7*2 =7",
      silc: "no-wrong",
    },
    rejected: "a7*20 b7*30 =7",
  },
  {
    name: "gds goes on while strategies are new, and stops at the first repeat",
    samples: ["a7 b7 c7 b7 d7 =7", "a7 b7 c7 b7 d7 a7 =7"],
    expected: {
      shortest: "a7 b7 c7 b7 d7 =7",
      fcs: "a7 =7",
      "fcs-reflection": "a7 b7 =7",
      gds: "a7 b7 c7 =7",
      "fcs-plus-one": "a7 b7 =7",
      silc: "no-wrong",
    },
    rejected: "a7 b7 c7 b7 d7 a7 =7",
  },
  {
    name: "gds: what is new counts from the wrong starts on",
    samples: ["a6 b7 a7 c7 =7", "a6 b7 a7 c7 c7 =7"],
    expected: {
      shortest: "a6 b7 a7 c7 =7",
      fcs: "a6 b7 =7",
      "fcs-reflection": "a6 b7 a7 =7",
      gds: "a6 b7 =7",
      "fcs-plus-one": "a6 b7 a7 =7",
      silc: "no-wrong",
    },
    rejected: "a6 b7 a7 c7 c7 =7",
  },
  {
    name: "gds that would end in a wrong solution disagrees with the final answer",
    samples: ["a7 b6 b7 =7", "a7 b6 b7 b7 =7"],
    expected: {
      shortest: "a7 b6 b7 =7",
      fcs: "a7 =7",
      "fcs-reflection": "a7 b6 b7 =7",
      gds: "answer-disagrees",
      "fcs-plus-one": "answer-disagrees",
      silc: "no-wrong",
    },
    rejected: "a7 b6 b7 b7 =7",
  },
  {
    name: "an unknown strategy is not shown to be new",
    samples: ["a7 ?7 b7 =7", "a7 ?7 b7 c7 =7"],
    expected: {
      shortest: "a7 ?7 b7 =7",
      fcs: "a7 =7",
      "fcs-reflection": "a7 ?7 =7",
      gds: "a7 =7",
      "fcs-plus-one": "a7 ?7 =7",
      silc: "no-wrong",
    },
    rejected: "a7 ?7 b7 c7 =7",
  },
  {
    name: "a right answer that no solution states",
    samples: ["a6 =7", "a5 a6 =7"],
    expected: {
      shortest: "a6 =7",
      fcs: "no-correct-solution",
      "fcs-reflection": "no-correct-solution",
      gds: "no-correct-solution",
      "fcs-plus-one": "no-correct-solution",
      silc: "no-wrong",
    },
    rejected: "a5 a6 =7",
  },
  {
    name: "a wrong sample is never the positive, however short",
    samples: ["a6*3 =6", "a7 b7 =7", "a7 b7 a7 =7"],
    expected: {
      shortest: "a7 b7 =7",
      fcs: "a7 =7",
      "fcs-reflection": "a7 b7 =7",
      gds: "a7 b7 =7",
      "fcs-plus-one": "a7 b7 =7",
      silc: "a7 b7 a7 =7",
    },
    rejected: "a7 b7 a7 =7",
    silcRejected: "a6*3 =6",
  },
  {
    name: "one right sample is not enough, but for silc",
    samples: ["a7 b7 =7", "a6 =6", "a6 b6 =6"],
    expected: { ...all("few-correct"), silc: "a7 b7 =7" },
    rejected: "",
    silcRejected: "a6 =6",
  },
  { name: "none is right", samples: ["a6 =6", "a5 =5"], expected: all("few-correct"), rejected: "" },
  { name: "no samples", samples: [], expected: all("few-correct"), rejected: "" },
  {
    name: "all the same: chosen would be rejected",
    samples: ["a7 =7", "a7 =7"],
    expected: { ...all("equal"), "fcs-reflection": "no-second-correct", silc: "no-wrong" },
    rejected: "",
  },
  {
    name: "a response without an answer is wrong",
    samples: ["a7 b7 a7 =", "a7 b7 =7", "a7 a7 a7 =7"],
    expected: {
      shortest: "a7 b7 =7",
      fcs: "a7 =7",
      "fcs-reflection": "a7 b7 =7",
      gds: "a7 =7",
      "fcs-plus-one": "a7 b7 =7",
      silc: "a7 a7 a7 =7",
    },
    rejected: "a7 a7 a7 =7",
    silcRejected: "a7 b7 a7 =",
  },
  {
    name: "of equals the first",
    samples: ["a7 b7 =7", "b7 a7 =7", "c7 c7 c7 =7"],
    expected: {
      shortest: "a7 b7 =7",
      fcs: "a7 =7",
      "fcs-reflection": "a7 b7 =7",
      gds: "c7 =7",
      "fcs-plus-one": "a7 b7 =7",
      silc: "no-wrong",
    },
    rejected: "c7 c7 c7 =7",
  },
  {
    name: "silc: the long one must be the right one",
    samples: ["a7 b7 =7", "a7 b7 c7 =7", "a6 b6 c6 d6 =6"],
    expected: {
      shortest: "a7 b7 =7",
      fcs: "a7 =7",
      "fcs-reflection": "a7 b7 =7",
      gds: "a7 b7 =7",
      "fcs-plus-one": "a7 b7 =7",
      silc: "chosen-shorter",
    },
    rejected: "a7 b7 c7 =7",
  },
  {
    name: "the answer in the middle was right, the last one is not: that sample is wrong",
    samples: ["a7 b6 =6", "a7 a7 =7", "a7 a7 a7 =7"],
    expected: {
      shortest: "a7 a7 =7",
      fcs: "a7 =7",
      "fcs-reflection": "a7 a7 =7",
      gds: "a7 =7",
      "fcs-plus-one": "a7 a7 =7",
      silc: "a7 a7 a7 =7",
    },
    rejected: "a7 a7 a7 =7",
    silcRejected: "a7 b6 =6",
  },
];
