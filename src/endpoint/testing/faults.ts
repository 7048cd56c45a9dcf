/** What can go wrong with a server, on purpose: scripted per request, or drawn by a seed. */
import { Random } from "../../core/random.ts";
import type { MockRequest } from "./mock-request.ts";

export type Fault =
  /** An error in OpenAI's shape, with any headers, e.g. `retry-after`. */
  | { kind: "status"; status: number; message?: string; code?: string; headers?: Record<string, string> }
  /** No answer until the client goes away. */
  | { kind: "hang" }
  /** A proxy's error page; status 502 unless said otherwise. */
  | { kind: "html"; status?: number }
  /** Status 200 and JSON that is not a reply; or, with `text`, no JSON at all. */
  | { kind: "wrong-json"; text?: string }
  | { kind: "empty-choices" }
  /** The connection breaks after so many tokens (of a whole reply: in the middle of its body). Default 1. */
  | { kind: "die"; afterTokens?: number }
  /** A chunk that is not JSON after so many tokens; of a whole reply, its second half is missing. Default 1. */
  | { kind: "malformed"; afterTokens?: number }
  /** Each token takes so long. */
  | { kind: "slow"; tokenDelayMs: number };

/** Called for each request; nothing means that it is answered. */
export type FaultScript = (request: MockRequest) => Fault | undefined;

/** Share of requests, 0 to 1, that end in each way. */
export interface FaultRates {
  /** 429 with `retry-after-ms: 20`. */
  rateLimit?: number;
  /** 500 or 503. */
  overload?: number;
  hang?: number;
  html?: number;
  wrongJson?: number;
  emptyChoices?: number;
  die?: number;
  malformed?: number;
}

const makers: Record<keyof FaultRates, (random: Random) => Fault> = {
  rateLimit: () => ({ kind: "status", status: 429, message: "Slow down", headers: { "retry-after-ms": "20" } }),
  overload: (random) => ({ kind: "status", status: random.bool() ? 500 : 503, message: "Overloaded" }),
  hang: () => ({ kind: "hang" }),
  html: () => ({ kind: "html" }),
  wrongJson: () => ({ kind: "wrong-json" }),
  emptyChoices: () => ({ kind: "empty-choices" }),
  die: (random) => ({ kind: "die", afterTokens: random.int(0, 4) }),
  malformed: (random) => ({ kind: "malformed", afterTokens: random.int(0, 4) }),
};

/** Draws by the content of a request and how often it came, so the order of arrival changes nothing. */
export function faultsBySeed(seed: number, rates: FaultRates): FaultScript {
  return ({ key, attempt }) => {
    const random = new Random(seed).split(`${key} ${attempt}`);
    let draw = random.next();
    for (const [name, rate] of Object.entries(rates) as [keyof FaultRates, number][]) {
      if (draw < rate) return makers[name](random);
      draw -= rate;
    }
    return undefined;
  };
}
