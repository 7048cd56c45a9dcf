/** What the readers of data sets share: a row is validated, read, and complained about by its field. */
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import type { TestCase } from "../schemas.ts";
import type { LoadedProblem } from "./loaded-problem.ts";

export interface Format {
  name: string;
  /** A field that only this format has. */
  sign: string;
  /** @throws DataError that names the field */
  read(row: unknown): LoadedProblem;
}

/** Columns that data sets leave empty. */
export const optionalText = z.string().nullish();
export const optionalNumber = z.number().nullish();

export function defineFormat<Row>(
  name: string,
  sign: string,
  schema: z.ZodType<Row>,
  read: (row: Row) => LoadedProblem,
): Format {
  return {
    name,
    sign,
    read(row) {
      const result = schema.safeParse(row);
      if (result.success) return read(result.data);
      const { path, message } = result.error.issues[0]!;
      throw new DataError(`${path.join(".") || "row"}: ${message}`, { hint: `Expected a row of ${name}.` });
    },
  };
}

/** A test as data sets write it: `{ input, output }` or `[input, output]`. */
export type Example = z.output<typeof Example>;
export const Example = z.union([
  z.object({ input: z.string(), output: z.string() }),
  z.tuple([z.string(), z.string()]).transform(([input, output]) => ({ input, output })),
]);

/** Tests named "prefix-1" and so on. */
export function namedTests(prefix: string, examples: readonly Example[], isSample = false): TestCase[] {
  return examples.map(({ input, output }, index) => ({
    name: `${prefix}-${index + 1}`,
    input,
    answer: output,
    isSample,
  }));
}

/** Which contest and letter an id such as 2034B1 or 1984/C stands for. */
export function splitId(id: string): { contestId?: string; index?: string } {
  const [, contestId, index] = /^(\d+)[/_]?([A-Z]\d*)$/.exec(id) ?? [];
  return contestId && index ? { contestId, index } : {};
}
