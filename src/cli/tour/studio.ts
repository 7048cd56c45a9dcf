/** The end of the tour: the studio stands with the tour's report open. */
import type { CommandContext } from "../../core/command.ts";
import { UsageError } from "../../core/errors.ts";
import type { RunningStudio } from "../../server/studio/index.ts";
import { openBrowser } from "../studio/open-browser.ts";
import { serveStudio } from "../studio/serve.ts";

const usualPort = 4100;

/**
 * Starts the studio, at the usual port or at a free one, and says where it is and how the report is opened.
 * @throws MissingError when its pages cannot be built
 */
export async function openStudio(
  { run, log }: Pick<CommandContext, "run" | "log">,
  { open }: { open: boolean },
): Promise<RunningStudio> {
  const studio = await serveStudio({ port: usualPort, log }).catch((error) => {
    if (error instanceof UsageError) return serveStudio({ port: 0, log }); // the port is taken, by another studio perhaps
    throw error;
  });
  const address = `${studio.url}/runs/${run.id}?token=${studio.token}`;
  process.stdout.write(`\nstudio at ${studio.url}\nthis report: ${address}\n`);
  if (open) openBrowser(address);
  return studio;
}
