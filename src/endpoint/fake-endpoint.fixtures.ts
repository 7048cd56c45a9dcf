/** An endpoint without a network, for the tests of layers: says what a function says, and counts. */
import type { Capabilities, Endpoint, Reply, StreamEvent } from "./endpoint.ts";
import type { Call, LayerOptions } from "./layer.ts";

export interface FakeEndpoint extends Endpoint {
  /** All calls made. */
  readonly calls: Call[];
}

/** @param answer gets the number of the call, from 1; may throw */
export function fakeEndpoint(
  answer: (count: number, call: Call) => string | Promise<string> = () => "one two",
): FakeEndpoint {
  const calls: Call[] = [];
  const reply = async (call: Call, { signal }: LayerOptions = {}): Promise<Reply> => {
    signal?.throwIfAborted();
    calls.push(call);
    const text = await answer(calls.length, call);
    const usage = { promptTokens: 10, completionTokens: text.split(" ").length };
    return { model: "fake", choices: [{ text, finishReason: "stop" }], usage, latencyMs: 5 };
  };
  async function* stream(call: Call, options: LayerOptions = {}): AsyncGenerator<StreamEvent> {
    const whole = await reply(call, options);
    for (const text of whole.choices[0]!.text.match(/\s*\S+/g) ?? []) {
      options.signal?.throwIfAborted();
      yield { type: "delta", index: 0, text };
    }
    yield { type: "reply", reply: whole };
  }
  return {
    url: "fake:",
    model: "fake",
    calls,
    chat: (request, options) => reply({ kind: "chat", request }, options),
    complete: (request, options) => reply({ kind: "completion", request }, options),
    streamChat: (request, options) => stream({ kind: "chat", request }, options),
    streamCompletion: (request, options) => stream({ kind: "completion", request }, options),
    capabilities: async () => ({ structuredOutput: { status: "missing", why: "fake" } }) as Capabilities,
    close: async () => {},
  };
}

/** The pieces of a stream and its reply. */
export async function collect(
  events: AsyncIterable<StreamEvent>,
): Promise<{ pieces: string[]; reply: Reply | undefined }> {
  const pieces: string[] = [];
  let reply: Reply | undefined;
  for await (const event of events) {
    if (event.type === "delta") pieces.push(event.text ?? "");
    else reply = event.reply;
  }
  return { pieces, reply };
}
