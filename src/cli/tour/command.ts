/** `polymath tour`, also `npm start`: every system at work on this machine, one after the other. */
import pc from "picocolors";
import { z } from "zod";
import { type CommandContext, defineCommand } from "../../core/command.ts";
import { UsageError } from "../../core/errors.ts";
import type { Report } from "../../core/report.ts";
import { version } from "../../core/version.ts";
import type { LocalModel } from "../ask/local-model.ts";
import { promptPerson } from "../ask/prompt.ts";
import { answerSum, openConciseReasoner, openReasoner } from "../ask/reasoner.ts";
import { createVoice, describeFigures } from "../ask/voice.ts";
import { describeBriefly, examineAll } from "../doctor/command.ts";
import type { Finding } from "../doctor/finding.ts";
import { shortPath } from "../execute.ts";
import { table } from "../text.ts";
import { visitOverthinking } from "./overthinking.ts";
import type { StopResult } from "./stop.ts";
import { withStudio } from "./studio.ts";

export const tourCommand = defineCommand({
  name: "tour",
  summary: "See every system at work on this machine",
  description: "A minute or so. Ends with exit code 1 when a system does not do what it is for.",
  examples: ["polymath tour", "polymath tour --no-serve", "polymath tour --seed 7 --json"],
  options: z.object({
    serve: z.boolean().default(true).describe("end without the studio, and without asking for a question"),
    seed: z.number().int().default(0).describe("what the problems are drawn from"),
  }),
  journal: true,
  run: async (_args, { serve, seed }, context) => {
    const { json, signal, run, progress, interactive } = context;
    const say = (text: string) => void process.stderr.write(`${text}\n`);
    say(pc.bold(`Polymath ${version}\n`));
    const findings = await examineAll();
    say(`${describeBriefly(findings)}\n`);

    const reasoner = await openReasoner();
    const concise = await openConciseReasoner();
    const aloud = (text: string) => say(pc.bold(text));
    const stops = [await visitOverthinking(reasoner, { concise, seed, signal, progress, say: aloud })];
    const passed = stops.every((stop) => stop.passed);
    const result = { passed, stops: stops.map(({ sections: _, ...stop }) => stop), report: run.path("report.html") };
    if (signal.aborted) return result;
    await run.finish(renderTour(stops, findings));
    if (!json) process.stdout.write(`\n${describeTour(stops, run.path("report.html"))}\n`);
    if (serve && interactive) await withStudio(context, () => takeQuestions(reasoner, context));
    return result;
  },
  print: () => "", // already written: the questions come after it
  exitCode: ({ passed }) => (passed ? 0 : 1),
});

function describeTour(stops: readonly StopResult[], report: string): string {
  const rows = stops.flatMap(({ system, did, passed, figures }) =>
    figures.map(({ label, measured, published }, index) => [
      index === 0 ? `${passed ? pc.green("✓") : pc.red("✗")} ${pc.bold(system)}` : "",
      index === 0 ? did : "",
      label,
      measured,
      published ?? "",
    ]),
  );
  return `${table(["system", "what it did", "", "here", "the paper's models"], rows)}\n\nreport: ${shortPath(report)}`;
}

/** The tour as a page. */
export function renderTour(stops: readonly StopResult[], findings: readonly Finding[]): Report {
  const rows = stops.flatMap(({ system, figures }) =>
    figures.map(({ label, measured, published }) => [system, label, measured, published]),
  );
  return {
    title: "Polymath: the tour",
    summary: stops
      .map(({ system, did, figures: [first] }) => `${system}: ${did}; ${first!.label}: ${first!.measured}`)
      .join(". "),
    sections: [
      {
        kind: "table",
        title: "What the systems did",
        columns: ["system", "figure", "here", "published"],
        rows,
        note: "Published figures are of other models on other problems: only their direction compares.",
      },
      ...stops.flatMap(({ sections }) => sections),
      {
        kind: "table",
        title: "This machine",
        columns: ["part", "found", "for"],
        rows: findings.map(({ name, ok, found, enables }) => [ok ? name : `${name} (missing)`, found, enables]),
      },
    ],
  };
}

/** Until an empty line: questions to the reasoner. One it cannot do is answered with what it can. */
async function takeQuestions(reasoner: LocalModel, { signal }: CommandContext): Promise<void> {
  process.stderr.write('\nYour turn: a sum such as "17 + 25 + 38", or an empty line to end, the studio as well.\n');
  while (!signal.aborted) {
    const question = await promptPerson("> ");
    if (!question) return;
    const voice = createVoice();
    try {
      const result = await answerSum(() => reasoner, question, { temperature: 0, seed: 0, signal, voice });
      voice.end(describeFigures(result));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      process.stderr.write(`${error.message}\n`);
    }
  }
}
