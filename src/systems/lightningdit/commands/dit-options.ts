/** Options that several verbs of the generator share, and what they mean. */
import { z } from "zod";
import type { SampleOptions } from "../../../diffusion/index.ts";
import { loadTokenizer, type Tokenizer } from "../tokenizer/index.ts";

export const samplingOptions = {
  method: z.enum(["euler", "heun", "dopri5"]).optional().describe("solver (default euler)"),
  points: z.int().min(2).optional().describe("points of the solver's grid (default 51; official 250)"),
  shift: z.number().min(0).optional().describe("below 1: more points near noise (default 1; official 0.3)"),
  cfg: z.number().min(0).optional().describe("guidance scale, 1 is off (default 1)"),
  cfgFrom: z.number().min(0).max(1).optional().describe("time from which guidance acts; 0 is noise (default 0)"),
  cfgChannels: z
    .enum(["3", "all"])
    .optional()
    .describe("channels that are guided (default all; the published figures: 3)"),
};

type Given = z.output<z.ZodObject<typeof samplingOptions>>;

/** What the command line says, over what a configuration file says, over our defaults. */
export function samplingFrom(given: Given, file: SampleOptions = { points: 51 }): SampleOptions {
  const { method = file.method, points = file.points, shift = file.shift } = given;
  const scale = given.cfg ?? file.guidance?.scale ?? 1;
  const from = given.cfgFrom ?? file.guidance?.from ?? 0;
  const channels =
    given.cfgChannels === undefined ? (file.guidance?.channels ?? "all") : given.cfgChannels === "3" ? 3 : "all";
  return {
    points,
    ...(method && { method }),
    ...(shift !== undefined && { shift }),
    ...(file.atol !== undefined && { atol: file.atol, rtol: file.rtol }),
    ...(scale !== 1 && { guidance: { scale, from, channels } }),
  };
}

export async function tokenizerAt(folder: string | undefined): Promise<Tokenizer | undefined> {
  return folder === undefined ? undefined : loadTokenizer(folder);
}
