/** The calls about asking. Models are opened when they are first asked, and closed with the studio. */
import { UsageError } from "../../../core/errors.ts";
import type { ChatMessage, Endpoint } from "../../../endpoint/endpoint.ts";
import { type EndpointOptions, findPlace, openEndpoint } from "../../../language/endpoint-options.ts";
import { parseQuestion, renderPrompt } from "../../../systems/overthinking/index.ts";
import type { Handlers } from "../contract.ts";
import { streamLines } from "../stream-lines.ts";
import { answerLines } from "./answer.ts";
import type { AskModel, askCalls } from "./contract.ts";

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
        return streamLines((signal) => answer(offer, messages, { ...options, signal }), "The model failed to answer");
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
