/** What the client is told at the end: the usage in OpenAI's fields, and what certaindex did. */
import type { StopReason } from "../../systems/certaindex/index.ts";
import type { Chain, ChunkUsage } from "./chain.ts";
import type { Observer, Stop } from "./observer.ts";
import type { ProbePlan } from "./plan.ts";

/** The object `x_certaindex` of a reply. It says how settled the answer was, not whether it is right. */
export interface CertaindexReport {
  /** Of the policy's signal at the last probe; null before there was one. */
  value: number | null;
  probes: number;
  probe_tokens: number;
  /** Read by the probes, most of them again: cheap with a prefix cache only. */
  probe_prompt_tokens: number;
  /** Tokens of the chain when it was stopped; null when it was not. */
  stopped_at: number | null;
  /** Tokens that the stop saved, net of probes, against the mean chain that ended by itself; null while none has. */
  saved_estimate: number | null;
  reason: StopReason;
  policy: string;
  /** Why probing ended early; what to know about the policy; that tokens were estimated. */
  notes: string[];
}

export function certaindexReport(
  { plan, observer, chain }: { plan: ProbePlan; observer: Observer; chain: Chain },
  { reason, stop, saved }: { reason: StopReason; stop: Stop | undefined; saved: number | null },
): CertaindexReport {
  const { prober } = observer;
  const notes = [
    prober.offReason && `Probing was turned off: ${prober.offReason}`,
    plan.warning,
    !chain.isExact && "Tokens are estimated: the server tells none while it streams, and the tokenizer is not known",
  ];
  return {
    value: prober.value ?? null,
    probes: prober.probeCount,
    probe_tokens: prober.probeTokens,
    probe_prompt_tokens: observer.promptTokens,
    stopped_at: stop?.tokens ?? null,
    saved_estimate: stop ? saved : null,
    reason,
    policy: plan.policyName,
    notes: notes.filter((note) => typeof note === "string"),
  };
}

/**
 * As with predictions that were thrown away, what was written but not shown counts as written: `completion_tokens`
 * holds the probes' tokens, and the details say how many those are.
 * @param told the upstream's own usage, where its answer came to its end
 * @param promptTokens an estimate for where it did not
 */
export function wireUsage(
  chain: Chain,
  observer: Observer,
  told: ChunkUsage | undefined,
  promptTokens: () => number,
): ChunkUsage {
  const { probeTokens } = observer.prober;
  const prompt = told?.prompt_tokens ?? chain.promptTokens ?? promptTokens();
  const completion = (told?.completion_tokens ?? chain.tokens) + probeTokens;
  return {
    ...told,
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    completion_tokens_details: {
      reasoning_tokens: chain.reasoningTokens,
      ...told?.completion_tokens_details,
      probe_tokens: probeTokens,
    },
  };
}
