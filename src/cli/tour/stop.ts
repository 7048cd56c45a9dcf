/** A stop of the tour: one system at work on this machine, in about a minute. */
import type { CommandContext } from "../../core/command.ts";
import type { ReportSection } from "../../core/report.ts";

export interface StopOptions extends Pick<CommandContext, "progress" | "signal"> {
  seed: number;
  /** For people to read while they wait; goes to stderr. */
  say(text: string): void;
}

/** What a stop adds to the tour's table and report. */
export interface StopResult {
  system: string;
  did: string;
  /** Line by line: what was measured here, and beside it what the paper reports for its own models. */
  figures: { label: string; measured: string; published: string | null }[];
  /** Whether the system did what it is for. */
  passed: boolean;
  sections: ReportSection[];
}
