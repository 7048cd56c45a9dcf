/** Self-consistency over questions with a known chance of each answer: recordings as cheap as they come. */
import type { Random } from "../../../core/random.ts";
import type { Recording, Step } from "../schemas.ts";
import { certaindex } from "../signals.ts";

/** Chance of the right answer "0"; the rest goes to `wrongCount` wrong ones, the first of which takes `favourite` of it. */
export interface QuestionKind {
  share: number;
  right: number;
  wrongCount: number;
  favourite: number;
}

/** Half easy, a third variable with diffuse wrong answers, the rest hopeless with a favourite wrong answer. */
export const mixedKinds: readonly QuestionKind[] = [
  { share: 0.5, right: 0.95, wrongCount: 4, favourite: 0.25 },
  { share: 0.35, right: 0.45, wrongCount: 8, favourite: 0.125 },
  { share: 0.15, right: 0.04, wrongCount: 5, favourite: 0.6 },
];

export interface SampleOptions {
  kinds?: readonly QuestionKind[];
  cap?: number;
  /** Numbers of branches at which a step is kept; default all. */
  at?: readonly number[];
  tokensPerBranch?: number;
}

/** One recording: `cap` branches, the answer that leads (the first to lead keeps a tie), certaindex of the votes. */
export function sampleRecording(id: string, random: Random, options: SampleOptions = {}): Recording {
  const { kinds = mixedKinds, cap = 20, at, tokensPerBranch = 10 } = options;
  const kind = kinds[random.weighted(kinds.map(({ share }) => share))]!;
  const counts: number[] = [];
  const steps: Step[] = [];
  let leader = 0;
  for (let knob = 1; knob <= cap; knob++) {
    const answer = draw(kind, random);
    counts[answer] = (counts[answer] ?? 0) + 1;
    if (knob === 1 || counts[answer]! > (counts[leader] ?? 0)) leader = answer;
    if (at && !at.includes(knob)) continue;
    const votes = counts.filter((count) => count > 0).sort((a, b) => b - a);
    const entropy = certaindex(votes);
    steps.push({
      knob,
      tokens: tokensPerBranch * knob,
      probeTokens: 0,
      promptTokens: 0,
      sharedPromptTokens: 0,
      signals: entropy === undefined ? {} : { entropy },
      votes,
      answer: String(leader),
      correct: leader === 0,
    });
  }
  return { id, program: "self-consistency", cap, settings: {}, model: "simulated", target: "0", steps };
}

export function sampleRecordings(count: number, random: Random, options?: SampleOptions): Recording[] {
  return Array.from({ length: count }, (_, index) => sampleRecording(`q${index}`, random, options));
}

function draw({ right, wrongCount, favourite }: QuestionKind, random: Random): number {
  const u = random.next();
  if (u < right) return 0;
  const wrong = (u - right) / (1 - right);
  return wrong < favourite ? 1 : 2 + Math.floor(((wrong - favourite) / (1 - favourite)) * (wrongCount - 1));
}
