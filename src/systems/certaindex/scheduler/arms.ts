/** What experiment 4 compares: four orders, each with and without certaindex. */
import { Policy } from "../schemas.ts";
import { allocate, withoutCertaindex } from "./allocation.ts";
import type { Allocation } from "./drive.ts";
import { type SchedulerPolicy, schedulerPolicies } from "./scheduler.ts";

export interface Arm {
  name: string;
  policy: SchedulerPolicy;
  isStopping: boolean;
}

export const arms: readonly Arm[] = [false, true].flatMap((isStopping) =>
  schedulerPolicies.map((policy) => ({ name: policy + (isStopping ? "+C" : ""), policy, isStopping })),
);

/** @throws RangeError for a name that is none, e.g. "sjf+C" is one */
export function armNamed(name: string): Arm {
  const arm = arms.find((one) => one.name === name);
  if (!arm) throw new RangeError(`no arm ${name}: there are ${arms.map((one) => one.name).join(", ")}`);
  return arm;
}

/** The paper's setting for self-consistency on mathematics: unanimous after five branches, else all twenty. */
export const paperPolicy: Policy = Policy.parse({
  id: "paper-self-consistency",
  algorithm: "static",
  thresholds: { entropy: 0.7 },
  detectAt: 5,
  cap: 20,
});

/** Branches granted at a time, with certaindex and without: without rounds there is nothing to put in order. */
export const roundSize = 5;

export function allocationOf({ isStopping }: Arm, policy: Policy = paperPolicy): Allocation {
  return allocate(isStopping ? policy : withoutCertaindex(policy), { roundSize });
}
