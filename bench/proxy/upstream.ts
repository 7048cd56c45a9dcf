/**
 * The process that plays the model: `node upstream.ts <tokens> <pace in ms>`. Each piece of a stream holds the time at
 * which it was sent, on the clock that all processes of a machine share; probes are answered at once.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const [tokens, paceMs] = process.argv.slice(2).map(Number) as [number, number];

const chunk = (content: string, finish: string | null = null) =>
  `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"mock","choices":[{"index":0,"delta":{"content":"${content}"},"logprobs":null,"finish_reason":${finish === null ? "null" : `"${finish}"`}}]}\n\n`;
const usage =
  'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"mock","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":' +
  `${tokens},"total_tokens":${tokens + 9}}}\n\n`;

function stream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  let sent = 0;
  const send = () => {
    if (response.destroyed) return;
    response.write(chunk(` ${process.hrtime.bigint()}`));
    if (++sent < tokens) setTimeout(send, paceMs);
    else response.end(`${chunk("", "stop")}${usage}data: [DONE]\n\n`);
  };
  send();
}

function answer(path: string, body: { stream?: boolean }, response: ServerResponse): void {
  if (body.stream) {
    stream(response);
    return;
  }
  const said = path.endsWith("/chat/completions") ? { message: { role: "assistant", content: "7" } } : { text: "7" };
  const choice = { index: 0, ...said, finish_reason: "stop", stop_reason: "}" };
  response.writeHead(200, { "content-type": "application/json" });
  response.end(
    JSON.stringify({
      ...{ id: "1", object: "chat.completion", created: 1, model: "mock", choices: [choice] },
      usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
    }),
  );
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = Buffer.concat(await Array.fromAsync<Buffer>(request)).toString("utf8");
  if (request.method === "GET") {
    response.writeHead(200, { "content-type": "application/json" });
    response.end('{"object":"list","data":[{"id":"mock","object":"model"}]}');
  } else answer(request.url!, JSON.parse(text), response);
}

const server = createServer((request, response) => void handle(request, response));
server.keepAliveTimeout = 75_000;
server.listen(0, "127.0.0.1", () => process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`));
process.on("disconnect", () => process.exit());
