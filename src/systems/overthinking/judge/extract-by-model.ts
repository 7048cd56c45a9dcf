/**
 * The answer of a text in which no rule finds one, as a model reads it.
 * Source: papers/overthinking section 2.3 (a model extracts it from the end of the text, or says that there is none).
 */
import type { ChatMessage, Endpoint } from "../../../endpoint/index.ts";
import { shortened } from "../segment/prompts.ts";
import { askTwice } from "../segment/stages.ts";

/** The last thousand tokens or so: an answer stands at the end. */
const shownCharacters = 4000;

const instructions = `You are given a problem and the end of a text that works on it. Copy the final answer that the text arrives at, as briefly as it can be said. Do not solve the problem yourself and do not correct the answer.
Reply with the answer between tags, <answer>…</answer>, or with <answer>none</answer> if the text arrives at none.`;

/** @throws EndpointError as the endpoint; the signal's reason when aborted */
export async function extractByModel(
  { problem, text }: { problem: string; text: string },
  endpoint: Endpoint,
  options: { signal?: AbortSignal } = {},
): Promise<string | null> {
  const messages: ChatMessage[] = [
    { role: "system", content: instructions },
    { role: "user", content: `Problem:\n${shortened(problem)}\n\nEnd of the text:\n${text.slice(-shownCharacters)}` },
  ];
  const answer = await askTwice(endpoint, { messages, temperature: 0, maxTokens: 256 }, options, (reply) => {
    const [, said] = /<answer>([\s\S]*?)<\/answer>/iu.exec(reply.replace(/^[\s\S]*<\/think>/u, "")) ?? [];
    return said?.trim() ? { value: said.trim() } : { problem: "there is no <answer>…</answer> in it" };
  });
  return answer === undefined || /^none\.?$/iu.test(answer) ? null : answer;
}
