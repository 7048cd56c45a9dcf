/**
 * Watches one chain: asks probes beside it, decides after each, and says once when to stop. The chain never waits for a
 * probe; a probe that fails is an uncertain one.
 */
import {
  askProbe,
  createProber,
  decide,
  type ProbeResult,
  type Prober,
  type Step,
  type StopReason,
} from "../../systems/certaindex/index.ts";
import type { Chain } from "./chain.ts";
import type { ProbePlan } from "./plan.ts";
import type { Upstream } from "./upstream.ts";
import { createAsk } from "./ways.ts";

export interface Stop {
  reason: StopReason;
  answer: string | null;
  /** Tokens of the chain when it was decided. */
  tokens: number;
}

export interface ObserverOptions {
  plan: ProbePlan;
  chain: Chain;
  upstream: Upstream;
  headers: Record<string, string | string[] | undefined>;
  signal: AbortSignal;
  timeoutMs: number;
  onStep(step: Step, result: ProbeResult | { fault: string }): void;
  /** Called at most once. */
  onStop(stop: Stop): void;
}

export interface Observer {
  readonly prober: Prober;
  readonly steps: readonly Step[];
  /** Read by probes; most of it again. */
  readonly promptTokens: number;
  /** The chain has grown: probes if it is time to. */
  look(): void;
  /** No further probes; one under way is given up. */
  close(): void;
}

export function createObserver(options: ObserverOptions): Observer {
  const { plan, chain, upstream, headers, timeoutMs, onStep, onStop } = options;
  const { settings, policy } = plan;
  const prober = createProber(settings);
  const steps: Step[] = [];
  const closing = new AbortController();
  const signal = AbortSignal.any([options.signal, closing.signal]);
  let promptTokens = 0;

  async function probe(characters: number): Promise<void> {
    const tokens = chain.tokens;
    const text = chain.text;
    prober.begin(tokens, text);
    let isFirst = true;
    const onPrompt = (count: number) => {
      promptTokens += count;
      if (isFirst) chain.measure(characters, count); // those after it hold the probe's own words, too
      isFirst = false;
    };
    const { way, body, prompt, wantsLogprobs } = plan;
    const ask = createAsk(
      { upstream, way, body, prompt, headers, settings, signal, timeoutMs, wantsLogprobs, onPrompt },
      text.slice(0, characters),
    );
    const result = await askProbe(ask, settings).catch((error): { fault: string } => ({
      fault: describeFault(error, timeoutMs),
    }));
    if (closing.signal.aborted) return;
    const verdict = prober.finish(result);
    const { consistency, probability, answer } = verdict;
    const step: Step = {
      knob: Math.max((steps.at(-1)?.knob ?? 0) + 1, Math.floor(tokens / settings.interval)),
      tokens,
      probeTokens: prober.probeTokens,
      promptTokens,
      sharedPromptTokens: 0,
      signals: { ...(consistency !== undefined && { consistency }), ...(probability !== undefined && { probability }) },
      answer,
      probed: "fault" in result || result.isHesitant ? null : result.answer,
      correct: null,
    };
    steps.push(step);
    onStep(step, result);
    const decision = decide(policy, steps);
    if ("stop" in decision) {
      closing.abort();
      onStop({ reason: decision.stop, answer, tokens: chain.tokens });
    }
  }

  return {
    prober,
    steps,
    get promptTokens() {
      return promptTokens;
    },
    look() {
      if (closing.signal.aborted || chain.isAnswering) return;
      const due = prober.due(chain.tokens, chain.text);
      if (due) void probe(due.characters);
    },
    close: () => closing.abort(),
  };
}

function describeFault(error: unknown, timeoutMs: number): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return name === "TimeoutError" ? `no answer within ${timeoutMs / 1000} s` : message.slice(0, 200);
}
