/** `polymath huatuo prompts`: the texts that models are asked with, as files to be edited. */
import { z } from "zod";
import { defineCommand } from "../../../core/command.ts";
import { writePromptFolder } from "../prompts/prompts.ts";

export const promptsCommand = defineCommand({
  name: "huatuo prompts",
  summary: "Write the prompts as files, to be edited and given back with --prompts",
  examples: ["polymath huatuo prompts my-prompts"],
  args: z.tuple([z.string().meta({ label: "folder" }).describe("where to write them")]),
  run: async ([folder]) => ({ files: await writePromptFolder(folder) }),
  print: ({ files }) => files.join("\n"),
});
