/** `polymath resume`: the same command with the same arguments, on the same run folder. */
import { z } from "zod";
import { defineCommand } from "../core/command.ts";
import { findRun, reopenRun } from "../core/run.ts";

export const resumeCommand = defineCommand({
  name: "resume",
  summary: "Go on with a run that was stopped or killed",
  description: "It ends with the same result as if it had never been interrupted.",
  examples: ["polymath resume latest", "polymath resume k7m2xq"],
  args: z.tuple([z.string().meta({ label: "run" }).describe("id or folder of the run, or `latest`")]),
  // main goes on from here: it knows the command that the run belongs to.
  run: async ([name]) => reopenRun(await findRun(name)),
});
