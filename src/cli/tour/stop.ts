/** A stop of the tour: one system at work on this machine, in some seconds, and what became of it. */
import type { CommandContext } from "../../core/command.ts";
import { PolymathError } from "../../core/errors.ts";
import type { ReportSection } from "../../core/report.ts";

export interface StopOptions extends Pick<CommandContext, "progress" | "signal"> {
  seed: number;
  /** For people to read while they wait; goes to stderr. */
  say(text: string): void;
  /** Where a file that the stop leaves goes: inside the tour's run folder. */
  path(name: string): string;
}

/** What was measured here, and beside it what the paper reports for its own models. */
export interface Figure {
  label: string;
  measured: string;
  published: string | null;
}

/** What a stop adds to the tour's table and report. */
export interface StopResult {
  did: string;
  figures: Figure[];
  /** Whether the system did what it is for. */
  passed: boolean;
  sections: ReportSection[];
}

/** Something that this machine or this package lacks: no fault of the system, and nothing to measure. */
export interface StopSkipped {
  lacks: string;
  hint: string | undefined;
}

export interface Stop {
  system: string;
  visit(options: StopOptions): Promise<StopResult | StopSkipped>;
}

/** A stop as the table and the report show it. */
export interface VisitedStop extends StopResult {
  system: string;
  status: "passed" | "failed" | "skipped";
  seconds: number;
  /** Why there is nothing to show, and what would mend it. */
  problem: { message: string; hint: string | null } | null;
}

/** Never throws for a fault of the stop: that is a row, and the tour goes on. @throws what it threw after Ctrl-C */
export async function visitStop({ system, visit }: Stop, options: StopOptions): Promise<VisitedStop> {
  const began = performance.now();
  const nothing = { did: "", figures: [], passed: false, sections: [] };
  const end = (rest: Omit<VisitedStop, "system" | "seconds">): VisitedStop => ({
    system,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    ...rest,
  });
  try {
    const result = await visit(options);
    if ("lacks" in result) {
      const problem = { message: oneLine(result.lacks), hint: result.hint ?? null };
      return end({ ...nothing, passed: true, status: "skipped", problem });
    }
    return end({ ...result, status: result.passed ? "passed" : "failed", problem: null });
  } catch (error) {
    if (options.signal.aborted) throw error;
    const message = oneLine(error instanceof Error ? error.message : String(error));
    const hint = error instanceof PolymathError ? (error.hint ?? null) : null;
    return end({ ...nothing, status: "failed", problem: { message, hint } });
  }
}

const oneLine = (text: string) => text.trim().replaceAll(/\s*\n\s*/g, " ");

/** 0.8125 as `81.3 %`. */
export const percent = (share: number): string => `${Math.round(1000 * share) / 10} %`;
