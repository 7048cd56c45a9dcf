/** Probe-in-the-middle: when to ask a chain of thought for its answer, how to read it, and when it has settled. */
export { type AskPiece, type AskProbe, askProbe, type ProbePiece, type ProbeResult } from "./ask-probe.ts";
export { closingText, isThinking, type StoppedChain, sentenceWith } from "./closing.ts";
export { DialectFields, dialectNames, type ProbeRequest, readDialect } from "./dialects.ts";
export {
  createProber,
  type DueProbe,
  maxFailures,
  type Prober,
  type ProberState,
  type ProbeVerdict,
} from "./prober.ts";
export { endOfAnswer, hasWord, type ProbeReading, readProbe } from "./read-probe.ts";
export { Effort, ProbeSettings, ProbeSignal, presets, probeSettings, uncalibratedWarning } from "./settings.ts";
export { createProbeWindow, type ProbeWindow, type WindowState } from "./window.ts";
