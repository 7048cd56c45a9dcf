/** An endpoint that says what a function makes of each request; a word is a token. For tests of programs. */
import type { Capabilities, Endpoint, GenerationRequest, Reply, TokenLogprob } from "../../../endpoint/endpoint.ts";
import type { Policy } from "../schemas.ts";
import { Policy as PolicySchema } from "../schemas.ts";
import type { Prompting, Question } from "./program.ts";
import { createProgramRuntime, type RuntimeOptions } from "./runtime.ts";

export interface ScriptedRequest extends GenerationRequest {
  /** The prompt, or the last message and the prefill. */
  text: string;
  /** From 1, in the order of arrival. */
  count: number;
}

export interface ScriptedAnswer {
  text: string;
  /** Default "stop", or "length" where `maxTokens` cuts it. */
  finishReason?: "stop" | "length";
  logprobs?: TokenLogprob[];
}

export interface ScriptedEndpoint extends Endpoint {
  readonly requests: ScriptedRequest[];
}

type Answer = string | ScriptedAnswer;

/** @param answer may throw */
export function scriptedEndpoint(answer: (request: ScriptedRequest) => Answer | Promise<Answer>): ScriptedEndpoint {
  const requests: ScriptedRequest[] = [];
  const ask = async (request: GenerationRequest, text: string): Promise<Reply> => {
    const seen: ScriptedRequest = { ...request, text, count: requests.length + 1 };
    requests.push(seen);
    const said = await answer(seen);
    const {
      text: whole,
      logprobs,
      finishReason,
    } = typeof said === "string" ? ({ text: said } as ScriptedAnswer) : said;
    const words = wordsOf(whole);
    const stopText = request.stop?.find((stop) => whole.includes(stop));
    const kept = stopText === undefined ? whole : whole.slice(0, whole.indexOf(stopText));
    const isCut = wordsOf(kept).length > (request.maxTokens ?? Number.POSITIVE_INFINITY);
    const cut = isCut ? words.slice(0, request.maxTokens).join("") : kept;
    return {
      model: "scripted",
      choices: [
        {
          text: cut,
          finishReason: finishReason ?? (isCut ? "length" : "stop"),
          ...(!isCut && stopText !== undefined && { stopText }),
          ...(logprobs && { logprobs }),
        },
      ],
      usage: { promptTokens: wordsOf(text).length, completionTokens: Math.max(1, wordsOf(cut).length) },
      latencyMs: 1,
    };
  };
  const unused = () => {
    throw new Error("programs do not stream");
  };
  return {
    url: "scripted:",
    model: "scripted",
    requests,
    chat: (request) => ask(request, `${String(request.messages.at(-1)!.content)}${request.prefill ?? ""}`),
    complete: (request) => ask(request, request.prompt),
    streamChat: unused,
    streamCompletion: unused,
    capabilities: async () => ({}) as Capabilities,
    close: async () => {},
  };
}

export const wordsOf = (text: string): string[] => text.match(/\s*\S+/g) ?? [];

/** The prompt is the question; the answer is the last number after "answer". */
export const plainPrompting: Prompting = {
  render: ({ text }) => text,
  readAnswer: (text) => /answer (-?\d+)$/.exec(text.trim())?.[1] ?? null,
};

export const question = (id = "q1", target: string | null = "7"): Question => ({ id, text: `Question ${id}:`, target });

export const policyOf = (policy: Partial<Policy> & Pick<Policy, "algorithm" | "detectAt" | "cap">): Policy =>
  PolicySchema.parse(policy);

/** All units at once, and no stop before. */
export const upTo = (cap: number): Policy => policyOf({ algorithm: "even", detectAt: cap, cap });

export const runtimeOf = (endpoint: Endpoint, policy: Policy, options: Partial<RuntimeOptions> = {}) =>
  createProgramRuntime({
    endpoint,
    policy,
    prompting: plainPrompting,
    sampling: { maxTokens: 50, temperature: 1 },
    ...options,
  });
