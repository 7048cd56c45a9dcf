/** Embeddings of answers, for `groupBySimilarity`: a local one of letters, and those of a server. */
import OpenAI from "openai";
import { ConfigError } from "../../core/errors.ts";
import { MalformedReplyError } from "../../endpoint/errors.ts";
import { readApiKey } from "../../endpoint/keys.ts";
import { translateError } from "../../endpoint/openai/translate-error.ts";
import type { Embedder } from "./cluster.ts";

export interface LexicalOptions {
  /** Numbers per vector. Default 2048: fewer make unlike texts collide. */
  dim?: number;
  /** Lengths of the pieces counted, in characters. Default 2, 3 and 4. */
  sizes?: readonly number[];
}

/**
 * Counts pieces of letters, hashed into a fixed number of places with a sign (Weinberger et al. 2009, "Feature Hashing
 * for Large Scale Multitask Learning"), without a model and without a network.
 * It sees spelling, not meaning: "ten" and "10" are unlike, "x is even" and "x is not even" are alike, renamed
 * variables make one program two. Good for answers that repeat each other with other spaces, case or punctuation.
 */
export function lexicalEmbedder({ dim = 2048, sizes = [2, 3, 4] }: LexicalOptions = {}): Embedder {
  if (!Number.isInteger(dim) || dim < 1) throw new ConfigError(`lexicalEmbedder: dim: ${dim} numbers per vector`);
  return async (texts) => texts.map((text) => embedLetters(text, dim, sizes));
}

function embedLetters(text: string, dim: number, sizes: readonly number[]): number[] {
  const plain = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[.,;:!?"']+(?=\s|$)/g, ""); // of sentences, not of code
  const letters = [...` ${plain.replace(/\s+/g, " ").trim()} `];
  const counts = new Map<string, number>();
  for (const size of sizes) {
    for (let start = 0; start + size <= letters.length; start++) {
      const piece = letters.slice(start, start + size).join("");
      counts.set(piece, (counts.get(piece) ?? 0) + 1);
    }
  }
  const vector = new Array<number>(dim).fill(0);
  for (const [piece, count] of counts) {
    const hash = hashText(piece);
    vector[(hash >>> 1) % dim]! += (hash & 1 ? 1 : -1) * (1 + Math.log(count));
  }
  return vector;
}

/** FNV-1a, 32 bits, with the finish of MurmurHash3: the last bit alone decides the sign and must be well mixed. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export interface OpenAiEmbedderOptions {
  /** Base URL of the API, mostly ending in `/v1`. */
  url: string;
  /** Of an embedding model, e.g. `text-embedding-3-small`. */
  model: string;
  /** Default: from the environment, as for every endpoint (endpoint/keys.ts). */
  apiKey?: string;
  /** Variable to read the key from instead. */
  apiKeyEnv?: string;
  /** Texts per request; default 64. */
  batchSize?: number;
  /** Default 60,000 per request. */
  timeoutMs?: number;
  /** Further attempts after a fault of the server or the network; default 2. */
  retries?: number;
}

/**
 * Embeddings of any server with OpenAI's `/embeddings`.
 * @throws EndpointError from the embedder, one class per cause
 */
export function openAiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  const { model, batchSize = 64, timeoutMs = 60_000, retries = 2 } = options;
  const url = options.url.replace(/\/+$/, "");
  const apiKey = options.apiKey ?? readApiKey(url, options.apiKeyEnv);
  const scrub = (text: string) => (apiKey ? text.replaceAll(apiKey, "[redacted]") : text);
  const client = new OpenAI({
    baseURL: url,
    apiKey: apiKey || "none", // the client wants one
    maxRetries: retries,
    timeout: timeoutMs,
    logLevel: "off",
    organization: null, // what belongs to OpenAI must not go to another server
    project: null,
    defaultHeaders: apiKey ? {} : { Authorization: null },
  });
  return async (texts) => {
    const vectors: number[][] = [];
    for (let start = 0; start < texts.length; start += batchSize) {
      const input = texts.slice(start, start + batchSize);
      try {
        // As numbers: the client asks for base64 by default, which few other servers know.
        const { data } = await client.embeddings.create({ model, input, encoding_format: "float" });
        vectors.push(...inOrder(data, input.length, url));
      } catch (error) {
        throw await translateError(error, { url, model, scrub, listModels: async () => [] });
      }
    }
    return vectors;
  };
}

/** Servers may answer in another order, and say so by `index`. */
function inOrder(data: unknown, count: number, url: string): number[][] {
  const rows = Array.isArray(data) ? (data as { index?: unknown; embedding?: unknown }[]) : [];
  const vectors = rows.toSorted((a, b) => Number(a.index) - Number(b.index)).map(({ embedding }) => embedding);
  const isWhole = vectors.length === count && rows.every(({ index }, i) => Number(index ?? i) < count);
  if (isWhole && vectors.every((vector) => Array.isArray(vector) && vector.every(Number.isFinite))) {
    return vectors as number[][];
  }
  throw new MalformedReplyError(`${url}/embeddings: expected ${count} lists of numbers, got ${vectors.length} rows`);
}
