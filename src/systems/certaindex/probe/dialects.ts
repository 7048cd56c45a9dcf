/**
 * How a request asks to be stopped: three dialects of further fields in OpenAI's body, one meaning.
 *   dynasor: {saving_effort}                              the published proxy
 *   dynasor: {probe_interval, certainty_window}           its port to Arctic Inference
 *   adaptive_compute: {mode, probe_text, ...}             the published servers
 * Beyond them: `dynasor.policy` (the id of a calibrated policy), `min_tokens`, `threshold`, `signal`, and the program a
 * request belongs to.
 */
import { z } from "zod";
import { Effort, ProbeSettings, ProbeSignal, presets } from "./settings.ts";

const { interval, window, threshold, minTokens } = ProbeSettings.shape;

const Dynasor = z.strictObject({
  saving_effort: Effort.nullish(),
  probe_interval: interval.unwrap().nullish(),
  certainty_window: window.unwrap().nullish(),
  threshold: threshold.unwrap().nullish(),
  signal: ProbeSignal.nullish(),
  min_tokens: minTokens.unwrap().nullish(),
  policy: z.string().min(1).nullish().describe("the id of a calibrated policy that the server was started with"),
});

const AdaptiveCompute = z.strictObject({
  mode: z.literal("prompting").nullish(),
  probe_text: z.string().min(1).nullish(),
  probe_text_end: z.string().min(1).nullish(),
  certainty_window: window.unwrap().nullish(),
  token_interval: interval.unwrap().nullish(),
  min_tokens: minTokens.unwrap().nullish(),
});

const XCertaindex = z.looseObject({
  program: z.string().min(1).max(200).nullish().describe("the program that the request belongs to, for its budget"),
});

/** The fields of a body that are the proxy's own; they are not sent on. */
export const DialectFields = z.looseObject({
  dynasor: Dynasor.nullish(),
  adaptive_compute: AdaptiveCompute.nullish(),
  x_certaindex: XCertaindex.nullish(),
});
export const dialectNames = ["dynasor", "adaptive_compute", "x_certaindex"] as const;

export interface ProbeRequest {
  /** What the request itself says; the rest is the server's default. */
  settings: Partial<z.input<typeof ProbeSettings>>;
  /** A preset was asked for by name; "none" turns probing off. */
  effort: Effort | undefined;
  /** The id of a policy. */
  policy: string | undefined;
  program: string | undefined;
}

/**
 * @param fields checked by `DialectFields`
 * @returns undefined when the request says nothing about probing
 */
export function readDialect(fields: z.output<typeof DialectFields>): ProbeRequest | undefined {
  const { dynasor, adaptive_compute: adaptive, x_certaindex: own } = fields;
  if (!dynasor && !adaptive) return undefined;
  const effort = dynasor?.saving_effort ?? undefined;
  const settings = {
    ...(effort !== undefined && effort !== "none" && presets[effort]),
    ...compact({
      interval: dynasor?.probe_interval ?? adaptive?.token_interval,
      window: dynasor?.certainty_window ?? adaptive?.certainty_window,
      threshold: dynasor?.threshold,
      signal: dynasor?.signal,
      minTokens: dynasor?.min_tokens ?? adaptive?.min_tokens,
      prompt: adaptive?.probe_text,
      close: adaptive?.probe_text_end,
    }),
  };
  return { settings, effort, policy: dynasor?.policy ?? undefined, program: own?.program ?? undefined };
}

function compact<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as never;
}
