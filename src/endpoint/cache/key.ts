/** What makes two calls the same: where, which model, what was asked, and which draw. Never the key of the account. */
import { canonical, contentHash } from "../../core/canonical.ts";
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
  return contentHash(identifyCall(endpoint, call, options));
}
