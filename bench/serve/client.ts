/** The load: so many streaming chats at once over HTTP, read with as little work as can be. */
import { Agent, request } from "node:http";
import { type Load, promptOf, runRound } from "./streams.ts";

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
const firstPiece = /"delta":\{"(reasoning_)?content":"/; // the first chunk of all has the role and no text

/** One round against the server at `url`. */
export function runOverHttp(url: string, load: Load) {
  return runRound(load, (index, onFirst) => streamChat(url, promptOf(index), load.tokens, onFirst));
}

/** @returns the tokens that the server's usage tells */
function streamChat(url: string, content: string, maxTokens: number, onFirst: () => void): Promise<number> {
  const body = JSON.stringify({
    messages: [{ role: "user", content }],
    max_tokens: maxTokens,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
  });
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    const outgoing = request(`${url}/chat/completions`, { method: "POST", agent, headers }, (response) => {
      let isFirst = true;
      let tail = "";
      response.on("data", (chunk: Buffer) => {
        if (isFirst && firstPiece.test(chunk.toString("latin1"))) {
          isFirst = false;
          onFirst();
        }
        tail = (tail + chunk.subarray(-600).toString("latin1")).slice(-600);
      });
      response.on("end", () => {
        const told = /"completion_tokens":(\d+)/.exec(tail);
        if (response.statusCode === 200 && told && !isFirst && tail.endsWith("data: [DONE]\n\n"))
          resolve(Number(told[1]));
        else reject(new Error(`status ${response.statusCode}, the stream ended with: ${tail.slice(-200)}`));
      });
    });
    outgoing.on("error", reject).end(body);
  });
}
