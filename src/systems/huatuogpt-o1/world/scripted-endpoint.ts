/**
 * An endpoint that is a program: what it says follows from the request alone. It has the interface of any model, so that
 * scripted teachers and weak models go the way of real ones.
 */
import {
  type Capabilities,
  type ChatRequest,
  capabilityNames,
  type Endpoint,
  estimateTokens,
  type Reply,
  UnsupportedError,
} from "../../../endpoint/index.ts";

/** @param name as it appears in provenance @param answer to a conversation */
export function scriptedEndpoint(name: string, answer: (request: ChatRequest) => string): Endpoint {
  const chat = async (request: ChatRequest): Promise<Reply> => {
    const text = answer(request);
    const asked = request.messages.map(({ content }) => String(content)).join("\n");
    return {
      model: name,
      choices: [{ text, finishReason: "stop" }],
      usage: { promptTokens: estimateTokens(asked), completionTokens: estimateTokens(text), estimated: true },
      latencyMs: 0,
    };
  };
  const refuse = () => {
    throw new UnsupportedError(`${name} only answers conversations`, { hint: "Ask it by chat." });
  };
  return {
    url: `scripted:${name}`,
    model: name,
    chat,
    complete: async () => refuse(),
    async *streamChat(request) {
      yield { type: "reply", reply: await chat(request) };
    },
    streamCompletion: refuse,
    capabilities: async () =>
      Object.fromEntries(
        capabilityNames.map((one) => [one, { status: one === "chat" ? "works" : "missing", why: "a program" }]),
      ) as Capabilities,
    close: async () => {},
  };
}

/** The text between two tags of a prompt, without its line breaks at both ends. */
export const tagged = (message: string, tag: string): string =>
  new RegExp(`<${tag}>\\n([\\s\\S]*?)\\n</${tag}>`).exec(message)?.[1] ?? "";
