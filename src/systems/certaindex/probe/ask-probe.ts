/**
 * One probe: asks the model to go on after the probe's text until the box is closed. How it is asked (a completion, a
 * chat with a begun answer, a fork in the engine) is the caller's.
 * The stop text is the closing brace, or each probe would write its whole allowance. A brace of the answer itself, as in
 * \frac{1}{2}, ends the call too; then it is asked again from there, which a prefix cache makes cheap.
 */
import { tokenProbability } from "../signals.ts";
import { endOfAnswer, type ProbeReading, readProbe } from "./read-probe.ts";
import type { ProbeSettings } from "./settings.ts";

export interface AskPiece {
  /** What stands after the chain so far: the probe's text, and what it has answered yet. */
  suffix: string;
  maxTokens: number;
  stop: string[];
}

export interface ProbePiece {
  /** Without the stop text. */
  text: string;
  /** "stop" or "length". */
  finishReason: string;
  /** The stop text that was met; null: none, the model ended by itself; undefined: the server does not tell. */
  stopText?: string | null | undefined;
  tokens: number;
  /** Natural logarithms, one per token, where the server gives them. */
  logprobs?: readonly number[] | undefined;
}

export type AskProbe = (piece: AskPiece) => Promise<ProbePiece>;

export interface ProbeResult extends ProbeReading {
  /** As the model wrote it, the closing brace included. */
  text: string;
  /** Written by the probe, over all its calls. */
  tokens: number;
  callCount: number;
  /** Geometric mean of its tokens' probabilities; undefined without log-probabilities. */
  probability: number | undefined;
}

/** An answer with more groups of braces than this is none. */
const maxCalls = 8;

/** @throws what `ask` throws */
export async function askProbe(ask: AskProbe, settings: ProbeSettings): Promise<ProbeResult> {
  const { prompt, close, maxProbeTokens } = settings;
  const stop = close.startsWith("}") ? "}" : close.trim() || close;
  const logprobs: number[] = [];
  let [text, tokens, callCount, isScored] = ["", 0, 0, true];
  while (callCount < maxCalls && tokens < maxProbeTokens) {
    const piece = await ask({ suffix: prompt + text, maxTokens: maxProbeTokens - tokens, stop: [stop] });
    callCount++;
    tokens += piece.tokens;
    text += piece.text;
    if (piece.logprobs) logprobs.push(...piece.logprobs);
    else isScored = false;
    if (endOfAnswer(text, close) !== -1) break; // the server knows no stop texts
    if (piece.finishReason !== "stop" || (piece.stopText !== undefined && piece.stopText !== stop)) break;
    text += stop;
    if (endOfAnswer(text, close) !== -1) break;
  }
  const probability = isScored ? tokenProbability(logprobs) : undefined;
  return { ...readProbe(text, settings), text, tokens, callCount, probability };
}
