/** The load: so many streams at once, and when each of their tokens arrived. */
import { Agent, request } from "node:http";

export interface Route {
  /** Base URL, ending in /v1. */
  url: string;
  headers?: Record<string, string>;
  /** Further fields of the body. */
  fields?: object;
}

export interface Latencies {
  /** From sending the request to the first token, milliseconds, one per stream. */
  firstMs: number[];
  /** From the upstream's sending a token to its arrival here, milliseconds, one per token after the first. */
  tokenMs: number[];
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
const stamp = /"content":"\s(\d+)"/g;
const now = () => process.hrtime.bigint();
const ms = (from: bigint, to: bigint) => Number(to - from) / 1e6;

/** @throws Error when a stream is not whole: `tokens` of them and its end */
export async function runStreams(route: Route, streams: number, tokens: number, paceMs: number): Promise<Latencies> {
  const all = await Promise.all(
    Array.from({ length: streams }, async (_, index) => {
      // Spread over one interval, so that the streams' tokens do not all come at the same instant.
      await new Promise((resolve) => setTimeout(resolve, (paceMs * index) / streams));
      return runStream(route, tokens);
    }),
  );
  return { firstMs: all.map(({ first }) => first), tokenMs: all.flatMap(({ rest }) => rest) };
}

function runStream({ url, headers, fields }: Route, tokens: number): Promise<{ first: number; rest: number[] }> {
  const body = JSON.stringify({
    model: "mock",
    messages: [{ role: "user", content: "Why is the sky blue?" }],
    stream: true,
    stream_options: { include_usage: true },
    ...fields,
  });
  return new Promise((resolve, reject) => {
    const asked = now();
    const options = {
      method: "POST",
      agent,
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers },
    };
    const outgoing = request(`${url}/chat/completions`, options, (response) => {
      let first: number | undefined;
      const rest: number[] = [];
      let tail = "";
      response.on("data", (piece: Buffer) => {
        const arrived = now();
        const text = tail + piece.toString("latin1");
        let end = 0;
        for (const match of text.matchAll(stamp)) {
          end = match.index + match[0].length;
          if (first === undefined) first = ms(asked, arrived);
          else rest.push(ms(BigInt(match[1]!), arrived));
        }
        tail = text.slice(end).slice(-400); // a stamp cut in two is read with the next piece
      });
      response.on("error", reject);
      response.on("end", () => {
        const isWhole = response.statusCode === 200 && rest.length === tokens - 1 && /\[DONE\]/.test(tail);
        if (isWhole) resolve({ first: first!, rest });
        else
          reject(
            new Error(`status ${response.statusCode}, ${rest.length + 1} of ${tokens} tokens: ${tail.slice(-200)}`),
          );
      });
    });
    outgoing.on("error", reject).end(body);
  });
}

/** @param share 0.5 for the median */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
