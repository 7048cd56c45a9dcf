/**
 * Policies as JSON files, checked field by field, and held against what they were calibrated for: with another model,
 * other data, another cap or other settings the promised bound says nothing.
 */
import { writeJsonAtomic } from "../../../core/atomic.ts";
import { DataError } from "../../../core/errors.ts";
import { readJson } from "../../../core/json.ts";
import { type Problem, validate } from "../../../core/schema.ts";
import { Policy } from "../schemas.ts";

/** Unknown fields are refused: a threshold with a slip in its name would silently not count. */
const PolicyFile = Policy.strict();

/**
 * A policy from a file.
 * @throws DataError naming file and field
 */
export async function readPolicy(file: string): Promise<Policy> {
  const policy = await readJson(file, PolicyFile);
  const problem = findProblem(policy);
  if (problem) throw new DataError(`${file}: ${problem.message}`, { hint: problem.hint });
  return policy;
}

/** @throws DataError for a policy that `readPolicy` would refuse */
export async function writePolicy(file: string, policy: Policy): Promise<void> {
  await writeJsonAtomic(file, checkPolicy(policy));
}

/**
 * A policy out of any value, e.g. the body of a request.
 * @param name stands before the field in messages
 * @throws DataError naming the field
 */
export function checkPolicy(value: unknown, name = "policy"): Policy {
  const result = validate(PolicyFile, value);
  const problem = "problem" in result ? result.problem : findProblem(result.value);
  if (problem) throw new DataError(`${name}: ${problem.message}`, { hint: problem.hint });
  return (result as { value: Policy }).value;
}

/** What the schema of one field cannot see: fields that an algorithm needs, and settings of probes. */
function findProblem(policy: Policy): Problem | undefined {
  const { algorithm, thresholds, curve, maxTokens, hopeless, cap, calibration } = policy;
  const usesThresholds = algorithm === "static" || algorithm === "k-step" || algorithm === "single-step";
  if (usesThresholds && Object.keys(thresholds).length === 0) {
    return { message: `thresholds: missing, ${algorithm} stops by them`, hint: 'Add e.g. {"entropy": 0.7}.' };
  }
  if ((algorithm === "skyline" || algorithm === "dynamic") && !curve) {
    return { message: `curve: missing, ${algorithm} reads budgets off it`, hint: "Let `calibrate` draw it." };
  }
  if (algorithm === "length" && maxTokens === undefined) {
    return { message: "maxTokens: missing, length stops by it", hint: "Add the tokens up to which to stop." };
  }
  const rising = curve?.points.findIndex(({ value, knob }, index, points) => {
    const before = points[index - 1];
    return before !== undefined && (value <= before.value || knob >= before.knob);
  });
  if (rising !== undefined && rising !== -1) {
    return {
      message: `curve.points[${rising}]: values must rise and knobs fall from point to point`,
      hint: "Sort the points by value; leave out those that another point covers.",
    };
  }
  if (hopeless && hopeless.at > cap) {
    return { message: `hopeless.at: ${hopeless.at} is above the cap of ${cap}`, hint: undefined };
  }
  const least = { window: 2, interval: 1 };
  for (const name of ["window", "interval"] as const) {
    const value = calibration?.settings[name];
    if (value !== undefined && !(Number.isInteger(value) && (value as number) >= least[name])) {
      const message = `calibration.settings.${name}: expected a whole number of at least ${least[name]}, got ${JSON.stringify(value)}`;
      return { message, hint: name === "window" ? "One probe cannot agree with another." : undefined };
    }
  }
  return undefined;
}

/** What is about to run; what is left out is not compared. */
export interface Fingerprint {
  program?: string;
  model?: string;
  dataset?: string;
  cap?: number;
  settings?: Readonly<Record<string, unknown>>;
}

/**
 * In which ways the policy was calibrated for something else, in words; empty when it fits.
 * A policy without calibration fits nothing.
 */
export function compareFingerprint(policy: Policy, actual: Fingerprint): string[] {
  const { calibration } = policy;
  if (!calibration) return ["it was never calibrated"];
  const differences: string[] = [];
  const compare = (name: string, wanted: unknown, found: unknown) => {
    if (found === undefined || JSON.stringify(wanted) === JSON.stringify(found)) return;
    differences.push(`${name} ${JSON.stringify(wanted)}, not ${JSON.stringify(found)}`);
  };
  compare("program", calibration.program, actual.program);
  compare("model", calibration.model, actual.model);
  compare("dataset", calibration.dataset, actual.dataset);
  compare("cap", policy.cap, actual.cap);
  for (const [name, wanted] of Object.entries(calibration.settings)) compare(name, wanted, actual.settings?.[name]);
  return differences;
}

/**
 * Warns of a policy that was calibrated for something else.
 * @param options.strict refuse it instead
 * @returns whether it fits
 * @throws DataError under `strict`
 */
export function expectFingerprint(
  policy: Policy,
  actual: Fingerprint,
  { strict = false, warn }: { strict?: boolean; warn?: (message: string) => void } = {},
): boolean {
  const differences = compareFingerprint(policy, actual);
  if (differences.length === 0) return true;
  const what = policy.calibration ? `was calibrated for ${differences.join("; for ")}` : differences[0];
  const message = `policy ${policy.id ?? policy.algorithm}: ${what}`;
  const hint = "Calibrate it on recordings of this model, data, cap and settings: `polymath certaindex calibrate`.";
  if (strict) throw new DataError(message, { hint });
  warn?.(`${message}: its bound on lost answers does not hold here`);
  return false;
}
