/** What is to be done with a request: pass it through, or probe it, and then how. */
import type { z } from "zod";
import type { ChatTemplate } from "../../language/index.ts";
import {
  DialectFields,
  dialectNames,
  isThinking,
  Policy,
  type ProbeRequest,
  ProbeSettings,
  probeSettings,
  readDialect,
  type Shadow,
  uncalibratedWarning,
} from "../../systems/certaindex/index.ts";
import { ApiError } from "../api-error.ts";
import { check } from "../openai/request.ts";
import type { Findings } from "./self-test.ts";
import { type ProbeWay, renderPrompt } from "./ways.ts";

export type RequestKind = "chat" | "completion";
export type Body = Record<string, unknown>;

export interface PassPlan {
  kind: "pass";
  /** As it came, unless it had fields that are ours alone. */
  bytes: Uint8Array;
  program: string | undefined;
  /** Why it is not probed although that was asked for. */
  offReason: string | undefined;
}

export interface ProbePlan {
  kind: "probe";
  /** Without the fields that are ours. */
  body: Body;
  isChat: boolean;
  isStream: boolean;
  includeUsage: boolean;
  program: string | undefined;
  settings: ProbeSettings;
  policy: Policy;
  /** The id of a policy that was asked for, or the preset. */
  policyName: string;
  way: ProbeWay;
  wantsLogprobs: boolean;
  shadow: Shadow | undefined;
  /** As text; empty where the way needs none. */
  prompt: string;
  promptIsOpen: boolean;
  /** What the client should know. */
  warning: string | undefined;
}

export type Plan = PassPlan | ProbePlan;

export interface NamedPolicy {
  id: string;
  policy: Policy;
  /** Runs some of its stops to the end, and turns it off when they change too many answers. */
  shadow?: Shadow | undefined;
}

export interface PlanOptions {
  findings: Findings;
  template: ChatTemplate | undefined;
  /** By id. */
  policies: ReadonlyMap<string, NamedPolicy>;
  /** For requests that say nothing themselves; undefined: those pass through. */
  fallback: ProbeRequest | undefined;
  /** What all probes have in common here: floor, thinking tag, wording. */
  base: Partial<z.input<typeof ProbeSettings>>;
  /** Chats begin inside the thinking although nothing in them shows it. */
  thinkingIsOpen: boolean;
  model: string | undefined;
}

/**
 * Reads as little as it can: a request that nobody wants probed is not even parsed.
 * @throws ApiError 400 for fields of ours that make no sense
 */
export function planRequest(kind: RequestKind, bytes: Uint8Array, options: PlanOptions): Plan {
  const { fallback } = options;
  const isMentioned = mentionsUs(bytes);
  const pass = (details: Partial<PassPlan> = {}): PassPlan => ({
    kind: "pass",
    bytes,
    program: undefined,
    offReason: undefined,
    ...details,
  });
  if (!isMentioned && !fallback) return pass();
  const body = parse(bytes);
  if (!body) return pass(); // the upstream says what is wrong with it
  const fields = isMentioned ? check(DialectFields, body) : {};
  const asked = readDialect(fields) ?? fallback;
  const program = fields.x_certaindex?.program ?? undefined;
  const own = isMentioned ? strip(body) : body;
  const sent = isMentioned ? Buffer.from(JSON.stringify(own)) : bytes;
  if (!asked || (asked.effort === "none" && asked.policy === undefined)) return pass({ bytes: sent, program });
  const named = asked.policy === undefined ? undefined : findPolicy(asked.policy, options);
  const obstacle = obstacleIn(kind, own, options) ?? driftOf(named);
  if (obstacle !== undefined) return pass({ bytes: sent, program, offReason: obstacle });
  try {
    return probePlan(kind, own, { program, asked, named }, options);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    return pass({ bytes: sent, program, offReason: (error as Error).message }); // the template refuses the messages
  }
}

function probePlan(
  kind: RequestKind,
  body: Body,
  { program, asked, named }: { program: string | undefined; asked: ProbeRequest; named: NamedPolicy | undefined },
  options: PlanOptions,
): ProbePlan {
  const { findings, template, base, thinkingIsOpen, model } = options;
  const settings = probeSettings({ ...base, ...floorOf(body), ...policySettings(named), ...asked.settings });
  const isChat = kind === "chat";
  const way = isChat ? findings.chatWay! : "completions";
  const policy = named?.policy ?? settledPolicy(settings);
  const wantsLogprobs = policy.thresholds.probability !== undefined;
  if (wantsLogprobs && !findings.logprobs) {
    const problem = "the model's server gives no log-probabilities, and without them no probability of an answer";
    throw new ApiError(400, "unsupported_parameter", `dynasor: ${problem}`, {
      param: "dynasor",
      hint: 'Use the signal "consistency".',
    });
  }
  const prompt = isChat ? (way === "template" ? renderPrompt(body, template!) : "") : (body.prompt as string);
  const { thinkingEnd } = settings;
  return {
    kind: "probe",
    body: body.model == null && model !== undefined ? { ...body, model } : body,
    isChat,
    isStream: body.stream === true,
    includeUsage: (body.stream_options as { include_usage?: boolean } | null | undefined)?.include_usage === true,
    program,
    settings,
    policy,
    policyName: named?.id ?? asked.effort ?? describeSettings(settings),
    wantsLogprobs,
    shadow: named?.shadow,
    way,
    prompt,
    promptIsOpen: thinkingIsOpen || (thinkingEnd !== null && isThinking(prompt, thinkingEnd)),
    warning: warningOf(named, asked, settings),
  };
}

/**
 * What the proxy is started with, checked before the first request needs it.
 * @throws ConfigError naming the field
 */
export function checkPlanOptions({ base, fallback, policies }: Pick<PlanOptions, "base" | "fallback" | "policies">) {
  probeSettings({ ...base, ...fallback?.settings });
  for (const named of policies.values()) probeSettings({ ...base, ...policySettings(named) }, `policy ${named.id}`);
}

/**
 * The least tokens that a client wants written, as vLLM's field has it, are also the floor of a stop; what is no
 * number of tokens the upstream refuses in its own words.
 */
function floorOf({ min_tokens: minTokens }: Body): { minTokens?: number } {
  return Number.isInteger(minTokens) && (minTokens as number) >= 0 ? { minTokens: minTokens as number } : {};
}

/** The policy that the probe's own settings amount to: stop at the first settled window. */
function settledPolicy({ signal, threshold, minProbability, minTokens }: ProbeSettings): Policy {
  const thresholds = signal === "probability" ? { probability: minProbability } : { consistency: threshold };
  return Policy.parse({ algorithm: "single-step", detectAt: 1, cap: Number.MAX_SAFE_INTEGER, thresholds, minTokens });
}

/** A calibrated policy promises something only for the settings that it was calibrated with. */
function warningOf(named: NamedPolicy | undefined, asked: ProbeRequest, settings: ProbeSettings): string | undefined {
  if (!named?.policy.calibration) return uncalibratedWarning(named ? `policy ${named.id}` : ruleOf(asked, settings));
  const changed = Object.keys(asked.settings).join(", ");
  return changed === ""
    ? undefined
    : `The policy ${named.id} was calibrated with other settings (the request sets ${changed}): its bound does not hold`;
}

const ruleOf = ({ effort }: ProbeRequest, settings: ProbeSettings): string =>
  effort === undefined ? `rule "${describeSettings(settings)}"` : `effort ${effort}`;

const describeSettings = ({ signal, window, interval, minProbability }: ProbeSettings): string =>
  signal === "probability" ? `probability ${minProbability}` : `${window} alike, every ${interval} tokens`;

/** What a policy was calibrated with, it must be used with. */
function policySettings(named: NamedPolicy | undefined): Partial<z.input<typeof ProbeSettings>> {
  if (!named) return {};
  const { calibration, minTokens } = named.policy;
  const known = Object.entries(calibration?.settings ?? {}).filter(([name]) => name in ProbeSettings.shape);
  const signal = named.policy.thresholds.probability !== undefined && named.policy.thresholds.consistency === undefined;
  return { ...(signal && { signal: "probability" as const }), ...Object.fromEntries(known), minTokens };
}

function findPolicy(id: string, { policies }: PlanOptions): NamedPolicy {
  const found = policies.get(id);
  if (found) return found;
  const names = [...policies.keys()].join(", ");
  throw new ApiError(400, "invalid_value", `dynasor.policy: there is no policy ${JSON.stringify(id.slice(0, 100))}`, {
    param: "dynasor.policy",
    hint: names ? `This server has: ${names}.` : "This server was started without --policy.",
  });
}

/** A policy whose stops changed more answers than at its calibration is not used any more. */
function driftOf(named: NamedPolicy | undefined): string | undefined {
  if (!named?.shadow?.isOff) return undefined;
  const { disagreed, shadowed } = named.shadow.summary();
  return `policy ${named.id} is turned off: ${disagreed} of ${shadowed} shadowed stops changed the answer`;
}

/** Why a request cannot be probed, if it cannot. */
function obstacleIn(kind: RequestKind, body: Body, { findings }: PlanOptions): string | undefined {
  const off = kind === "chat" ? findings.chatOff : findings.completionOff;
  if (off !== undefined) return off;
  const isSet = (name: string) => body[name] != null && body[name] !== false;
  if (isSet("tools") || isSet("functions")) return "the request has tools: a stop could cut a call in two";
  if (Number(body.n ?? 1) > 1 || Number(body.best_of ?? 1) > 1) return "the request wants several choices";
  const format = (body.response_format as { type?: string } | null | undefined)?.type ?? "text";
  if (format !== "text" || isSet("guided_json") || isSet("guided_regex") || isSet("structured_outputs")) {
    return "the answer must keep to a format";
  }
  if (kind === "completion") {
    if (typeof body.prompt !== "string") return "the prompt is not one text";
    return isSet("echo") ? "the prompt is echoed" : undefined;
  }
  const messages = body.messages;
  if (!Array.isArray(messages) || messages.length === 0) return "the request has no messages"; // the upstream will say so
  const last = messages.at(-1) as { role?: string } | null;
  if (isSet("continue_final_message") || last?.role === "assistant") return "the request itself continues an answer";
  return undefined;
}

function mentionsUs(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return dialectNames.some((name) => buffer.includes(`"${name}"`));
}

function strip(body: Body): Body {
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => !(dialectNames as readonly string[]).includes(name)),
  );
}

function parse(bytes: Uint8Array): Body | undefined {
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"));
    return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Body) : undefined;
  } catch {
    return undefined;
  }
}
