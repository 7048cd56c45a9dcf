/** What makes two calls the same: where, which model, what was asked, and which draw. Never the key of the account. */
import { createHash } from "node:crypto";
import type { Endpoint } from "../endpoint.ts";
import type { Call, LayerOptions } from "../layer.ts";

/** The call as canonical data: names sorted, what is undefined left out. */
export interface CallIdentity {
  url: string;
  model: string;
  kind: Call["kind"];
  request: unknown;
  /** Which of several draws; 0 unless asked for. */
  sample: number;
}

export function identifyCall(
  { url, model }: Endpoint,
  { kind, request }: Call,
  { sample = 0 }: LayerOptions,
): CallIdentity {
  // Priority changes when an answer comes, not which.
  const { model: asked = model, priority: _, ...rest } = request;
  return { url, model: asked, kind, request: canonical(rest), sample };
}

/** SHA-256 of the canonical JSON, in hex. */
export function callKey(endpoint: Endpoint, call: Call, options: LayerOptions): string {
  return createHash("sha256")
    .update(JSON.stringify(identifyCall(endpoint, call, options)))
    .digest("hex");
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, canonical(inner)]),
  );
}
