import { DataError } from "../../core/errors.ts";

/**
 * exp(mean over images of KL(p(y|x) ‖ p(y))): high when every image is of a clear class and all classes occur.
 * Source: Salimans et al. 2016, "Improved Techniques for Training GANs", section 4, with Inception's classes replaced
 * by those of whatever classifier gave the logits; without splits, as its expectation grows with the sample.
 * @param logits [count, classCount]
 */
export function inceptionScore(logits: ArrayLike<number>, classCount: number): number {
  const count = logits.length / classCount;
  if (count < 1) throw new DataError("inceptionScore: there are no images");
  const marginal = new Float64Array(classCount);
  let negativeEntropy = 0;
  for (let row = 0; row < count; row++) {
    const scores = Array.from({ length: classCount }, (_, c) => logits[row * classCount + c]!);
    const largest = Math.max(...scores);
    const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0);
    for (const [c, score] of scores.entries()) {
      const logprob = score - largest - Math.log(total);
      negativeEntropy += Math.exp(logprob) * logprob;
      marginal[c]! += Math.exp(logprob) / count;
    }
  }
  const marginalEntropy = -marginal.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
  return Math.exp(negativeEntropy / count + marginalEntropy);
}

/** Share of images whose most likely class is the one they were meant to be. */
export function classAgreement(logits: ArrayLike<number>, classCount: number, labels: ArrayLike<number>): number {
  let hits = 0;
  for (let row = 0; row < labels.length; row++) {
    let best = 0;
    for (let c = 1; c < classCount; c++) if (logits[row * classCount + c]! > logits[row * classCount + best]!) best = c;
    if (best === labels[row]) hits++;
  }
  return hits / labels.length;
}
