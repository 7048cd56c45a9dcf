/** `polymath tour`, also `npm start`: every system at work on this machine, one after the other, then the studio. */
import { once } from "node:events";
import pc from "picocolors";
import { z } from "zod";
import { type CommandContext, defineCommand } from "../../core/command.ts";
import { PolymathError } from "../../core/errors.ts";
import { version } from "../../core/version.ts";
import { promptPerson } from "../ask/prompt.ts";
import { answerSum, openReasoner } from "../ask/reasoner.ts";
import { createVoice, describeFigures } from "../ask/voice.ts";
import { describeBriefly, examineAll } from "../doctor/command.ts";
import { shortPath } from "../execute.ts";
import { type StopOptions, type VisitedStop, visitStop } from "./stop.ts";
import { chooseStops, stops } from "./stops.ts";
import { openStudio } from "./studio.ts";
import { describeStops, renderTour } from "./table.ts";

export const tourCommand = defineCommand({
  name: "tour",
  summary: "See every system at work on this machine",
  description:
    "A minute or so, then the studio with its report open. Ends with exit code 1 when a system does not do what it is for; what this machine lacks is only said.",
  examples: [
    "polymath tour",
    "polymath tour --no-open",
    "polymath tour certaindex codeelo --no-serve",
    "polymath tour --seed 7 --json",
  ],
  args: z
    .array(z.string())
    .meta({ label: "systems" })
    .describe(`which of ${stops.map(({ system }) => system).join(", ")} (default: all)`),
  options: z.object({
    serve: z.boolean().default(true).describe("end after the table, without the studio; --json does, too"),
    open: z
      .boolean()
      .default(true)
      .describe("serve the studio until Ctrl-C, outside of a terminal as well, and open no browser"),
    seed: z.number().int().default(0).describe("what the problems are drawn from"),
  }),
  journal: true,
  run: async (names, { serve, open, seed }, context) => {
    const { json, signal, run, progress, interactive } = context;
    const chosen = chooseStops(names);
    const say = (text: string) => void process.stderr.write(`${text}\n`);
    say(pc.bold(`Polymath ${version}\n`));
    const findings = await examineAll();
    say(describeBriefly(findings));

    const options: StopOptions = { seed, signal, progress, say, path: (name) => run.path(name) };
    const visited: VisitedStop[] = [];
    for (const [index, stop] of chosen.entries()) {
      say(`\n${pc.bold(`${index + 1}/${chosen.length} ${stop.system}`)}`);
      visited.push(await visitStop(stop, options));
      signal.throwIfAborted();
    }
    const report = run.path("report.html");
    const again = ["polymath tour", ...names, "--no-serve", `--seed ${seed}`].join(" ");
    await run.finish({ ...renderTour(visited, findings), provenance: { command: again } });
    if (!json) {
      process.stdout.write(`\n${describeStops(visited, process.stdout.columns)}\n\nreport: ${shortPath(report)}\n`);
    }
    if (serve && !json && (interactive || !open)) await stay(context, open);
    return {
      passed: visited.every(({ passed }) => passed),
      stops: visited.map(({ sections: _, ...stop }) => stop),
      report,
    };
  },
  print: () => "", // already written: the studio comes after it
  exitCode: ({ passed }) => (passed ? 0 : 1),
});

/** With `--no-open` until Ctrl-C, else as long as a person at the terminal asks questions. */
async function stay(context: CommandContext, open: boolean): Promise<void> {
  const { signal, log } = context;
  const studio = await openStudio(context, { open }).catch((error) => {
    // Who only wanted the tour has had it; who asked for the studio hears that there is none.
    if (!open || !(error instanceof PolymathError)) throw error;
    log.warn("no-studio", { why: error.message });
    return undefined;
  });
  try {
    if (open) await takeQuestions(context);
    else if (!signal.aborted) await once(signal, "abort");
  } finally {
    await studio?.close();
  }
}

/** Until an empty line: questions to the reasoner. One it cannot do is answered with what it can. */
async function takeQuestions({ signal }: CommandContext): Promise<void> {
  let reasoner: ReturnType<typeof openReasoner> | undefined;
  process.stderr.write('\nYour turn: a sum such as "17 + 25 + 38", or an empty line to end, the studio as well.\n');
  while (!signal.aborted) {
    const question = await promptPerson("> ");
    if (!question) return;
    const voice = createVoice();
    try {
      const result = await answerSum(() => (reasoner ??= openReasoner()), question, {
        temperature: 0,
        seed: 0,
        signal,
        voice,
      });
      voice.end(describeFigures(result));
    } catch (error) {
      if (!(error instanceof PolymathError)) throw error;
      process.stderr.write(`${error.message}\n`);
    }
  }
}
