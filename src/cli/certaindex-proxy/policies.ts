/** The policies that requests may ask for by their id, from files. */
import { basename } from "node:path";
import { UsageError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { NamedPolicy } from "../../server/certaindex/index.ts";
import { createShadow, expectFingerprint, readPolicy } from "../../systems/certaindex/index.ts";

/**
 * @param shadowShare of the stops of calibrated policies, to be run to the end; 0 turns it off
 * @throws DataError naming file and field; UsageError for two of one name
 */
export async function readPolicies(files: readonly string[], shadowShare: number): Promise<Map<string, NamedPolicy>> {
  const policies = new Map<string, NamedPolicy>();
  for (const file of files) {
    const policy = await readPolicy(file);
    const id = policy.id ?? basename(file).replace(/\.json$/, "");
    if (policies.has(id))
      throw new UsageError(`--policy: two policies are called ${id}`, { hint: "Give one of them another id." });
    const isShadowed = shadowShare > 0 && policy.calibration !== undefined;
    policies.set(id, { id, policy, ...(isShadowed && { shadow: createShadow(policy, { share: shadowShare }) }) });
  }
  return policies;
}

/**
 * Holds policies against the model that is served.
 * @throws DataError under `strict`
 */
export function checkPolicies(
  policies: Iterable<NamedPolicy>,
  model: string,
  { strict, log }: { strict: boolean; log: Log },
): void {
  for (const { policy } of policies) {
    const warn = (message: string) => log.warn("policy-mismatch", { message });
    expectFingerprint(policy, { program: "chain-of-thought", model }, { strict, warn });
  }
}
