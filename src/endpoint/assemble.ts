/** Whole choices from the pieces of a stream, and token counts where a server tells none. */
import type { Choice, FinishReason, StreamDelta, TokenLogprob, Usage } from "./endpoint.ts";
import type { Call } from "./layer.ts";

export interface Assembler {
  add(delta: StreamDelta): void;
  finish(index: number, finishReason: FinishReason, stopText?: string): void;
  /** Whether all of `count` choices have said why they ended. */
  isFinished(count: number): boolean;
  /** What has arrived; unfinished choices count as aborted. */
  choices(): Choice[];
}

export function createAssembler(): Assembler {
  type Draft = { text: string; reasoning: string; logprobs: TokenLogprob[]; end?: FinishReason; stopText?: string };
  const drafts = new Map<number, Draft>();
  const draft = (index: number): Draft => {
    const known = drafts.get(index) ?? { text: "", reasoning: "", logprobs: [] };
    drafts.set(index, known);
    return known;
  };
  return {
    add({ index, text = "", reasoning = "", logprobs = [] }) {
      const choice = draft(index);
      choice.text += text;
      choice.reasoning += reasoning;
      choice.logprobs.push(...logprobs);
    },
    finish(index, finishReason, stopText) {
      Object.assign(draft(index), { end: finishReason, stopText });
    },
    isFinished: (count) => [...drafts.values()].filter(({ end }) => end).length >= count,
    choices() {
      const ordered = [...drafts].sort(([a], [b]) => a - b);
      return ordered.map(([, { text, reasoning, logprobs, end = "abort", stopText }]) => ({
        text,
        ...(reasoning && { reasoning }),
        finishReason: end,
        ...(stopText !== undefined && { stopText }),
        ...(logprobs.length > 0 && { logprobs }),
      }));
    },
  };
}

/** English text has about four characters per token; other texts and numbers fewer, so this errs on the low side. */
const charactersPerToken = 4;

/** Tokens of a text, roughly; for budgets, and for servers that tell no usage. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

/** The tokens a call's prompt has about; pictures are not counted. */
export function estimatePromptTokens({ kind, request }: Call): number {
  if (kind === "completion") return estimateTokens(request.prompt);
  const texts = request.messages.flatMap(({ content }) =>
    typeof content === "string" ? [content] : content.flatMap((part) => (part.type === "text" ? [part.text] : [])),
  );
  const perMessage = 4; // role and separators
  return texts.reduce((sum, text) => sum + perMessage + estimateTokens(text), estimateTokens(request.prefill ?? ""));
}

/** Usage of an answer, or the part of one, that came without it. */
export function estimateUsage(call: Call, choices: readonly Choice[]): Usage {
  const completionTokens = choices.reduce(
    (sum, { text, reasoning = "", logprobs }) => sum + (logprobs?.length ?? estimateTokens(text + reasoning)),
    0,
  );
  return { promptTokens: estimatePromptTokens(call), completionTokens, estimated: true };
}

/** The sum; an estimate when either is one. */
export function addUsage(a: Usage, b: Usage): Usage {
  const cachedTokens = (a.cachedTokens ?? 0) + (b.cachedTokens ?? 0);
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    ...(cachedTokens > 0 && { cachedTokens }),
    ...((a.estimated || b.estimated) && { estimated: true as const }),
  };
}
