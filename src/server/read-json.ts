/** The body of a request as JSON, of bounded size. */
import type { Context } from "hono";
import { ApiError, clientGone } from "./api-error.ts";

/** @throws ApiError 400 for what is no JSON, 413 for more than `maxBytes` */
export async function readJson(context: Context, maxBytes: number): Promise<unknown> {
  const bytes = await readBody(context, maxBytes);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const problem = error instanceof SyntaxError ? error.message.slice(0, 200) : "it is not UTF-8";
    throw new ApiError(400, "invalid_json", `The body is not valid JSON: ${problem}`);
  }
}

/** @throws ApiError 413 for more than `maxBytes` */
export async function readBody({ req }: Context, maxBytes: number): Promise<Uint8Array> {
  const declared = req.header("Content-Length");
  if (Number(declared) > maxBytes) throw tooLarge(maxBytes);
  try {
    return declared ? new Uint8Array(await req.arrayBuffer()) : await collect(req.raw.body, maxBytes);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw clientGone(); // the connection broke in the middle of the body
  }
}

/** A chunked body does not say how long it is. */
async function collect(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError(413, "body_too_large", `The body is larger than the limit of ${maxBytes} bytes`);
}
