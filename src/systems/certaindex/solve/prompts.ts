/** How mathematical questions are put to a model: the wording that most models were trained to follow. */

import { extractAnswer } from "../../../endpoint/answers/index.ts";
import type { Capabilities, CapabilityName, CapabilityOptions } from "../../../endpoint/endpoint.ts";
import { UnsupportedError } from "../../../endpoint/errors.ts";
import type { Prompting } from "../programs/index.ts";

const instruction = "Please reason step by step, and put your final answer within \\boxed{}.";

/**
 * The last box, or what else is plainly an answer. A chain that was cut while it was thinking has none: a guess inside
 * the thinking is not an answer.
 */
export function readMathsAnswer(text: string): string | null {
  if (text.lastIndexOf("<think>") > text.lastIndexOf("</think>")) return null;
  return extractAnswer(text)?.text ?? null;
}

/** For models with a chat template. */
export const chatPrompting: Prompting = {
  render: ({ text }) => [{ role: "user", content: `${text}\n\n${instruction}` }],
  readAnswer: readMathsAnswer,
};

/** For base models, and for servers that have only /completions. */
export const textPrompting: Prompting = {
  render: ({ text }) => `${instruction}\n\nProblem: ${text}\n\nSolution:`,
  readAnswer: readMathsAnswer,
};

export interface PromptNeeds {
  /** The program goes on with what the model has begun. */
  prefill: boolean;
  /** It reads token probabilities. */
  logprobs: boolean;
}

/**
 * Chat where it can do what the program needs, else text.
 * @param asked the user's choice, which is tested all the same
 * @throws UnsupportedError that says what the endpoint lacks
 */
export async function choosePrompting(
  { url, capabilities }: { url: string; capabilities(options?: CapabilityOptions): Promise<Capabilities> },
  asked: "auto" | "chat" | "completions",
  needs: PromptNeeds,
): Promise<Prompting> {
  const only: CapabilityName[] = ["chat", "completions"]; // to find out costs a few tokens: no more than is needed
  if (needs.prefill) only.push("prefill");
  if (needs.logprobs) only.push("logprobs");
  const can = await capabilities({ only });
  if (needs.logprobs && can.logprobs.status === "missing") {
    throw new UnsupportedError(`${url} has no logprobs (${can.logprobs.why}), which this program needs`, {
      hint: "Use --program self-consistency, or a server with logprobs.",
    });
  }
  const chatLacks =
    can.chat.status === "missing"
      ? can.chat
      : needs.prefill && can.prefill.status === "missing"
        ? can.prefill
        : undefined;
  if (asked !== "completions" && !chatLacks) return chatPrompting;
  if (
    asked !== "chat" &&
    can.completions.status !== "missing" &&
    (asked === "completions" || can.chat.status === "missing")
  ) {
    return textPrompting;
  }
  const lack = asked === "completions" ? `/completions (${can.completions.why})` : describeLack(can, needs);
  throw new UnsupportedError(`${url} lacks ${lack}, which this program needs`, {
    hint:
      can.completions.status === "missing"
        ? "Use --program self-consistency, which asks whole questions only."
        : "Use --prompting completions to send plain text without a chat template, or --program self-consistency.",
  });
}

function describeLack({ chat, prefill }: Capabilities, needs: PromptNeeds): string {
  if (chat.status === "missing") return `chat (${chat.why})`;
  return needs.prefill ? `the continuation of a begun answer (${prefill.why})` : "what was asked for";
}
