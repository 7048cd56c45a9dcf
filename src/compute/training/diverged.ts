import { PolymathError } from "../../core/errors.ts";

/** Training produced NaN or infinity; what was saved before is safe. */
export class DivergedError extends PolymathError {
  constructor(message: string, details?: { hint?: string }) {
    super("DIVERGED", message, details);
  }
}
