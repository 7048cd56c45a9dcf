/** Replies and chunks of an OpenAI-compatible server, checked and turned into ours. */
import { validate } from "../../core/schema.ts";
import { createAssembler, estimateUsage } from "../assemble.ts";
import type { FinishReason, Reply, StreamDelta, StreamEvent, TokenLogprob, Usage } from "../endpoint.ts";
import { MalformedReplyError, UnreachableError, UnsupportedError } from "../errors.ts";
import type { Call } from "../layer.ts";
import { type WireChoice, WireReply, type WireUsage } from "./wire.ts";

/** @throws MalformedReplyError when it is not a reply or has no choices; UnsupportedError when it ignores `n` */
export function parseReply(body: unknown, call: Call, model: string, started: number): Reply {
  const wire = check(body, "reply");
  const assembler = createAssembler();
  const spent = usageOf(wire.usage);
  for (const choice of wire.choices) {
    if (!choice.message && choice.text == null) throw malformed("a choice has no message", spent);
    const delta = deltaOf(choice);
    assembler.add(delta);
    assembler.finish(delta.index, finishReasonOf(choice.finish_reason ?? "stop"), stopTextOf(choice));
  }
  const choices = assembler.choices();
  const wanted = call.request.n ?? 1;
  if (choices.length === 0) throw malformed("it has no choices", spent);
  if (choices.length !== wanted) {
    throw new UnsupportedError(`${wanted} choices were asked for, but the server gave ${choices.length}`, {
      hint: "It seems not to know `n`: send as many requests instead.",
      spent,
    });
  }
  const usage = spent ?? estimateUsage(call, choices);
  return { model: wire.model || model, choices, usage, latencyMs: performance.now() - started };
}

/**
 * The events of a stream of chunks.
 * @throws MalformedReplyError for a chunk that is none; UnreachableError when it ends before every choice did, with
 * the tokens that had arrived as `spent`
 */
export async function* parseStream(
  chunks: AsyncIterable<unknown>,
  call: Call,
  model: string,
  started: number,
): AsyncGenerator<StreamEvent> {
  const assembler = createAssembler();
  let usage: Usage | undefined;
  let name = model;
  const wanted = call.request.n ?? 1;
  for await (const chunk of chunks) {
    const wire = check(chunk, "chunk");
    usage = usageOf(wire.usage) ?? usage;
    name = wire.model || name;
    for (const choice of wire.choices) {
      const delta = deltaOf(choice);
      if (delta.index >= wanted)
        throw malformed(`a chunk is of choice ${delta.index}, but only ${wanted} were asked for`);
      assembler.add(delta);
      if (choice.finish_reason) assembler.finish(delta.index, finishReasonOf(choice.finish_reason), stopTextOf(choice));
      if (delta.text || delta.reasoning || delta.logprobs) yield delta;
    }
  }
  const choices = assembler.choices();
  if (!assembler.isFinished(wanted)) {
    throw new UnreachableError("The stream ended before the answer did", {
      hint: "The server or a proxy before it stopped.",
    });
  }
  usage ??= estimateUsage(call, choices);
  yield { type: "reply", reply: { model: name, choices, usage, latencyMs: performance.now() - started } };
}

function check(body: unknown, what: string): WireReply {
  const result = validate(WireReply, body);
  if ("value" in result) return result.value;
  throw malformed(`not a ${what}: ${result.problem.message}`);
}

function malformed(problem: string, spent?: Usage): MalformedReplyError {
  return new MalformedReplyError(`The server's answer is malformed: ${problem}`, { spent });
}

function deltaOf(choice: WireChoice): StreamDelta {
  const message = choice.message ?? choice.delta;
  const text = message ? (message.content ?? message.refusal) : choice.text;
  const reasoning = message?.reasoning_content ?? message?.reasoning;
  const logprobs = logprobsOf(choice.logprobs);
  return {
    type: "delta",
    index: choice.index ?? 0,
    ...(text && { text }),
    ...(reasoning && { reasoning }),
    ...(logprobs && { logprobs }),
  };
}

function logprobsOf(wire: WireChoice["logprobs"]): TokenLogprob[] | undefined {
  if (!wire) return undefined;
  const byLikelihood = (a: { logprob: number }, b: { logprob: number }) => b.logprob - a.logprob;
  if (Array.isArray(wire.content)) {
    const tokens = wire.content as { token: string; logprob: number; top_logprobs?: TokenLogprob["top"] | null }[];
    return tokens.map(({ token, logprob, top_logprobs }) => ({
      token,
      logprob,
      top: (top_logprobs ?? []).map(({ token, logprob }) => ({ token, logprob })).sort(byLikelihood),
    }));
  }
  const { tokens, token_logprobs, top_logprobs } = wire as {
    tokens?: string[] | null;
    token_logprobs?: (number | null)[] | null;
    top_logprobs?: (Record<string, number> | null)[] | null;
  };
  return tokens?.map((token, i) => ({
    token,
    logprob: token_logprobs?.[i] ?? 0, // null stands before the first token of an echoed prompt
    top: Object.entries(top_logprobs?.[i] ?? {})
      .map(([token, logprob]) => ({ token, logprob }))
      .sort(byLikelihood),
  }));
}

function usageOf(wire: WireUsage | null | undefined): Usage | undefined {
  if (!wire) return undefined;
  const cachedTokens = wire.prompt_tokens_details?.cached_tokens ?? wire.prompt_cache_hit_tokens;
  const reasoningTokens = wire.completion_tokens_details?.reasoning_tokens;
  return {
    promptTokens: wire.prompt_tokens,
    completionTokens: wire.completion_tokens ?? 0,
    ...(cachedTokens != null && { cachedTokens }),
    ...(reasoningTokens != null && { reasoningTokens }),
  };
}

function finishReasonOf(wire: string): FinishReason {
  if (wire === "length" || wire === "content_filter" || wire === "tool_calls" || wire === "abort") return wire;
  return "stop"; // also "eos", "stop_sequence" and other servers' words for it
}

function stopTextOf({ stop_reason }: WireChoice): string | undefined {
  return typeof stop_reason === "string" ? stop_reason : undefined;
}
