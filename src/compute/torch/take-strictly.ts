/** A model takes its tensors from a file completely or not at all: what is silently missing makes silent garbage. */
import { DataError } from "../../core/errors.ts";
import type { SafeTensor } from "../safetensors/safe-tensor.ts";

export interface StrictOptions {
  /** Names the source in messages. */
  file: string;
  /** What the tensors are for: "LightningDiT of 12 blocks". */
  model: string;
  /** Names that may be there and are not taken, such as what only training needs; others are refused. */
  ignore?(name: string): boolean;
  /** What to do when it does not fit. */
  hint?: string;
}

/** Longer lists say how many more there are. */
const mostListed = 12;

/**
 * @param wanted shapes by name
 * @returns the wanted tensors, in the order of `wanted`
 * @throws DataError that lists missing names, shapes that differ, and names that nothing asks for
 */
export function takeStrictly(
  tensors: ReadonlyMap<string, SafeTensor>,
  wanted: ReadonlyMap<string, readonly number[]>,
  { file, model, ignore = () => false, hint }: StrictOptions,
): Map<string, SafeTensor> {
  const [missing, misshapen]: [string[], string[]] = [[], []];
  const taken = new Map<string, SafeTensor>();
  for (const [name, shape] of wanted) {
    const tensor = tensors.get(name);
    if (!tensor) missing.push(name);
    else if (String(tensor.shape) !== String(shape))
      misshapen.push(`${name} is [${tensor.shape.join(", ")}], not [${shape.join(", ")}]`);
    else taken.set(name, tensor);
  }
  const strange = [...tensors.keys()].filter((name) => !wanted.has(name) && !ignore(name));
  const faults = [
    missing.length > 0 && `${missing.length} of ${wanted.size} tensors are missing: ${list(missing)}`,
    misshapen.length > 0 && `${misshapen.length} have another shape: ${list(misshapen)}`,
    strange.length > 0 && `${strange.length} belong to another model: ${list(strange)}`,
  ].filter((fault) => fault !== false);
  if (faults.length > 0)
    throw new DataError(`${file}: does not fit ${model}: ${faults.join("; ")}`, {
      hint: hint ?? "Check that the file and the configuration are of the same model.",
    });
  return taken;
}

function list(names: readonly string[]): string {
  const more = names.length - mostListed;
  return names.slice(0, mostListed).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
