/** The sandbox is missing or broke; never a fault of the program inside. */
import { PolymathError } from "../core/errors.ts";
import type { ProbeReport } from "./probe.ts";

export class SandboxError extends PolymathError {
  constructor(message: string, details?: { hint?: string; cause?: unknown }) {
    super("SANDBOX", message, details);
  }
}

/** What stands in the way, and the setting that clears it. */
export function describeMissing({ missing }: ProbeReport): [message: string, details: { hint?: string }] {
  const [first] = missing;
  const words = missing.map(({ what }) => what).join("; ");
  return [`Cannot run programs safely: ${words || "no way was found"}`, first?.mend ? { hint: first.mend } : {}];
}
