/** Finished parts are files: whoever goes on with a killed experiment measures only what is missing. */
import { existsSync } from "node:fs";
import type { z } from "zod";
import { writeJsonAtomic } from "../../../core/atomic.ts";
import { readJson } from "../../../core/json.ts";

/** Reads what an earlier process made, else makes and writes it; null (stopped) is not written. */
export async function keep<S extends z.ZodType>(
  file: string,
  schema: S,
  make: () => Promise<z.output<S> | null>,
): Promise<z.output<S> | null> {
  if (existsSync(file)) return readJson(file, schema);
  const made = await make();
  if (made !== null) await writeJsonAtomic(file, made);
  return made;
}
