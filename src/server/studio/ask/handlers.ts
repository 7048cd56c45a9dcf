/** The calls about asking. Models are opened when they are first asked, and closed with the studio. */
import { PolymathError, UsageError } from "../../../core/errors.ts";
import type { ChatMessage, Endpoint } from "../../../endpoint/endpoint.ts";
import { type EndpointOptions, findPlace, openEndpoint } from "../../../language/endpoint-options.ts";
import { parseQuestion, renderPrompt } from "../../../systems/overthinking/index.ts";
import type { Handlers } from "../contract.ts";
import { answerLines } from "./answer.ts";
import type { AskLine, AskModel, askCalls } from "./contract.ts";

/** A model that can be asked, by the name it is shown under. */
export interface AskOffer {
  id: string;
  endpoint: EndpointOptions;
  /** See `AskModel`. */
  isSums?: boolean;
}

export interface AskHandlers {
  handlers: Handlers<keyof typeof askCalls>;
  close(): Promise<void>;
}

export function createAskHandlers(offers: readonly AskOffer[]): AskHandlers {
  const opened = new Map<string, Promise<Endpoint>>();
  const find = (id: string): AskOffer => {
    const offer = offers.find((one) => one.id === id);
    if (offer) return offer;
    throw new UsageError(`The studio has no model "${id}"`);
  };
  const open = ({ id, endpoint }: AskOffer): Promise<Endpoint> => {
    const known = opened.get(id);
    if (known) return known;
    const opening = openEndpoint(endpoint);
    opening.catch(() => opened.delete(id)); // a server that is down may come back
    opened.set(id, opening);
    return opening;
  };
  return {
    handlers: {
      "ask.models": () => offers.map(describeOffer),
      "ask.answer"({ model, messages, ...options }) {
        const offer = find(model);
        return streamLines((signal) => answer(offer, messages, { ...options, signal }));
      },
    },
    async close() {
      const endpoints = await Promise.allSettled(opened.values());
      await Promise.all(endpoints.map((one) => (one.status === "fulfilled" ? one.value.close() : undefined)));
    },
  };

  async function* answer(
    offer: AskOffer,
    messages: readonly ChatMessage[],
    options: Parameters<typeof answerLines>[2],
  ) {
    const said = offer.isSums ? [asSum(messages)] : messages;
    yield* answerLines(await open(offer), said, options);
  }
}

function describeOffer({ id, endpoint, isSums = false }: AskOffer): AskModel {
  const place = findPlace(endpoint);
  const host = place.kind === "openai" ? new URL(place.url).host : null;
  return { id, place: host === null ? "here" : "server", isSums, host };
}

/** The sum that a question asks for. @throws UsageError that says what can be asked */
function asSum(messages: readonly ChatMessage[]): ChatMessage {
  const parsed = parseQuestion(String(messages.at(-1)!.content));
  if (parsed.kind === "refused") throw new UsageError(parsed.message);
  return { role: "user", content: renderPrompt(parsed.problem) };
}

/** Lines of JSON as they come; a reader that leaves ends the work. An error is the last line. */
function streamLines(lines: (signal: AbortSignal) => AsyncGenerator<AskLine>): Response {
  const controller = new AbortController();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(sink) {
      const write = (line: AskLine) => sink.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      try {
        for await (const line of lines(controller.signal)) write(line);
      } catch (error) {
        if (controller.signal.aborted) return;
        const isExpected = error instanceof PolymathError;
        write({
          kind: "problem",
          message: isExpected ? error.message : "The model failed to answer",
          hint: (isExpected && error.hint) || null,
        });
      }
      sink.close();
    },
    cancel: () => controller.abort(),
  });
  return new Response(body, { headers: { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" } });
}
