/** Replays a policy on what a path holds; where that is a trace of the same policy, against the live figures. */
import { existsSync } from "node:fs";
import { UsageError } from "../../../core/errors.ts";
import type { Policy } from "../schemas.ts";
import { disclaimer } from "../signals.ts";
import { choosePolicy, type ProgramKind, policyForms, published } from "../solve/policies.ts";
import { resultsFromTrace, type TracedResult } from "../traces.ts";
import { describePolicy } from "./describe.ts";
import { checkPolicy, readPolicy } from "./policy-file.ts";
import { replay } from "./replay.ts";
import { readSource, type Source } from "./sources.ts";
import type { ReplaySummary } from "./summary.ts";

export interface SourceReplay extends Omit<ReplaySummary, "results"> {
  policy: Policy;
  /** The policy in words. */
  rule: string;
  /** Against the figures of the live run, where the source has them. */
  live?: LiveComparison;
  note: string;
  results?: ReplaySummary["results"];
}

export interface LiveComparison {
  /** Programs that ended live. */
  programCount: number;
  /** Of those, replayed with the same units, tokens, answer and reason. */
  sameCount: number;
  /** The others: ended before their first step, or otherwise. */
  different: string[];
  /** Live totals. */
  tokens: number;
  probeTokens: number;
  right: number;
}

export interface ReplaySourceOptions {
  /** A file, or a short form of `certaindex solve`; default the run's own. */
  policy?: string | undefined;
  cap?: number | undefined;
  withResults?: boolean;
}

/** @throws UsageError without a policy; DataError for a policy that goes on where recordings end */
export async function replaySource(path: string, options: ReplaySourceOptions): Promise<SourceReplay> {
  const source = await readSource(path, options.cap);
  const policy = await policyFor(path, source, options);
  const { results, ...summary } = replay(policy, source.recordings);
  const isOwn = options.policy === undefined;
  return {
    policy,
    rule: describePolicy(policy),
    ...summary,
    ...(source.events && isOwn && { live: compareLive(resultsFromTrace(source.events), results) }),
    note: disclaimer,
    ...(options.withResults && { results }),
  };
}

/** A short form means the cap of the recordings; a file brings its own. */
async function policyFor(
  path: string,
  { recordings, policy: own }: Source,
  { policy: given, cap }: ReplaySourceOptions,
): Promise<Policy> {
  const policy = given === undefined ? own : existsSync(given) ? await readPolicy(given) : undefined;
  if (policy) return cap === undefined ? policy : checkPolicy({ ...policy, cap }, given);
  if (given === undefined) {
    throw new UsageError(`${path} does not say which policy ran`, {
      hint: `Name one to replay with --policy: ${policyForms}.`,
    });
  }
  const { program = "self-consistency", cap: recorded } = recordings[0] ?? {};
  const kind = Object.hasOwn(published, program) ? (program as ProgramKind) : "self-consistency";
  return (await choosePolicy(given, { program: kind, cap: cap ?? recorded })).policy;
}

function compareLive(live: readonly TracedResult[], replayed: ReplaySummary["results"]): LiveComparison {
  const byId = new Map(replayed.map((result) => [result.id, result]));
  const fields = [
    "knob",
    "tokens",
    "probeTokens",
    "promptTokens",
    "sharedPromptTokens",
    "answer",
    "correct",
    "reason",
  ] as const;
  const isSame = (one: TracedResult) => {
    const result = byId.get(one.program);
    return result !== undefined && fields.every((field) => result[field] === one[field]);
  };
  const sum = (of: (one: TracedResult) => number) => live.reduce((total, one) => total + of(one), 0);
  return {
    programCount: live.length,
    sameCount: live.filter(isSame).length,
    different: live.filter((one) => !isSame(one)).map(({ program }) => program),
    tokens: sum(({ tokens }) => tokens),
    probeTokens: sum(({ probeTokens }) => probeTokens),
    right: live.filter(({ correct }) => correct).length,
  };
}
