/**
 * Errors a person can act on: what failed, what was found, and a hint that says what to do next.
 * The exit code is the command line's contract: 1 fault, 2 bad usage or input.
 */

export class PolymathError extends Error {
  /** Stable and searchable; every code has an entry in docs/errors.md. */
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: number = 1;

  constructor(code: string, message: string, { hint, cause }: { hint?: string; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }
}

type Details = { hint?: string; cause?: unknown };

/** The command line was used wrongly: unknown option, missing argument, impossible combination. */
export class UsageError extends PolymathError {
  override readonly exitCode = 2;
  constructor(message: string, details?: Details) {
    super("USAGE", message, details);
  }
}

/** Input data is not what it should be; the message names the file, row and field. */
export class DataError extends PolymathError {
  override readonly exitCode = 2;
  constructor(message: string, details?: Details) {
    super("DATA", message, details);
  }
}

/** A model or program was configured with values that cannot work together. */
export class ConfigError extends PolymathError {
  override readonly exitCode = 2;
  constructor(message: string, details?: Details) {
    super("CONFIG", message, details);
  }
}

/** An array has other axes than the function wants. */
export class ShapeError extends PolymathError {
  constructor(message: string, details?: Details) {
    super("SHAPE", message, details);
  }
}

/** Something this machine lacks: a device, a program, an optional package. */
export class MissingError extends PolymathError {
  constructor(message: string, details?: Details) {
    super("MISSING", message, details);
  }
}
