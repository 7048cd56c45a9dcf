/** Policies as people write them: a file, a short form such as `static:0.7@5`, or the name of a probing preset. */
import { existsSync } from "node:fs";
import { UsageError } from "../../../core/errors.ts";
import { checkPolicy, readPolicy } from "../policy/policy-file.ts";
import { presets } from "../probe/index.ts";
import { type Policy, SignalName, type Signals } from "../schemas.ts";

export const policyForms =
  "a policy file, none, even:8, static:0.7@5, k-step:0.7@5/5, single-step:0.7@5, adaptive-consistency:0.95@2, " +
  "static:entropy=0.85,rewardMax=0.99@16, or for chain-of-thought mild, low, mid, high or crazy";

export type ProgramKind = "self-consistency" | "rebase" | "mcts" | "chain-of-thought";

/** As published, with the cap of the published online runs (for chains: 16K tokens in intervals of 64). */
export const published: Record<ProgramKind, { policy: string; cap: number; signal: SignalName }> = {
  "self-consistency": { policy: "static:0.7@5", cap: 20, signal: "entropy" },
  // That of MATH; GSM8K's also asks for a reward of 0.99, on the scale of the paper's reward model.
  rebase: { policy: "static:0.75@16", cap: 128, signal: "entropy" },
  mcts: { policy: "static:entropy=0.99,rewardMean=0.4@3", cap: 15, signal: "entropy" },
  // Presets are known to lose answers, so nothing stops a chain unless asked for.
  "chain-of-thought": { policy: "none", cap: 256, signal: "consistency" },
};

export interface ChosenPolicy {
  policy: Policy;
  /** The probing preset it came from. */
  preset?: keyof typeof presets;
}

/**
 * @param text as in `policyForms`; default: what was published for the program
 * @param options.cap units at most; default: the file's, else `usualCap`, else the published one
 * @throws UsageError for what is no policy; DataError for a file or numbers that cannot work
 */
export async function choosePolicy(
  text: string | undefined,
  options: { program: ProgramKind; cap?: number | undefined; usualCap?: number; minTokens?: number | undefined },
): Promise<ChosenPolicy> {
  const { program, cap, usualCap = published[program].cap, minTokens } = options;
  const given = text ?? published[program].policy;
  const most = cap ?? usualCap;
  const floor = minTokens === undefined ? {} : { minTokens };
  if (Object.hasOwn(presets, given)) {
    const policy = { algorithm: "single-step", detectAt: 1, cap: most, thresholds: { consistency: 1 }, ...floor };
    return { policy: checked(given, policy), preset: given as keyof typeof presets };
  }
  if (given === "none") return { policy: checked(given, { algorithm: "even", detectAt: most, cap: most }) };
  const short = /^(static|k-step|single-step|adaptive-consistency|even):([^@/]*)(?:@(\d+))?(?:\/(\d+))?$/.exec(given);
  if (!short) {
    if (!existsSync(given))
      throw new UsageError(`--policy ${given} is no policy and no file`, { hint: `Write ${policyForms}.` });
    const read = await readPolicy(given);
    return { policy: checked(given, { ...read, ...(cap !== undefined && { cap }), ...floor }) };
  }
  const [, algorithm, condition = "", at, every] = short;
  if (algorithm === "even") {
    const units = Number(condition);
    return { policy: checked(given, { algorithm, detectAt: units, cap: Math.max(units, cap ?? units) }) };
  }
  const rule =
    algorithm === "adaptive-consistency"
      ? { confidence: Number(condition) }
      : { thresholds: readThresholds(given, condition, published[program].signal) };
  const detectAt = at === undefined ? Math.min(5, most) : Number(at);
  return {
    policy: checked(given, {
      algorithm,
      detectAt,
      cap: most,
      ...rule,
      ...(every && { every: Number(every) }),
      ...floor,
    }),
  };
}

function readThresholds(given: string, condition: string, signal: SignalName): Signals {
  if (/^[\d.]+$/.test(condition)) return { [signal]: Number(condition) };
  const thresholds: Signals = {};
  for (const part of condition.split(",")) {
    const [name = "", value = ""] = part.split("=");
    const known = SignalName.safeParse(name.trim());
    if (!known.success || !/^[\d.]+$/.test(value)) {
      throw new UsageError(`--policy ${given}: "${part}" is no threshold`, {
        hint: `Write a signal and a number from 0 to 1: entropy=0.7. Signals are ${SignalName.options.join(", ")}.`,
      });
    }
    thresholds[known.data] = Number(value);
  }
  return thresholds;
}

const checked = (given: string, policy: unknown): Policy => checkPolicy(policy, `--policy ${given}`);
