/** The end of the tour: the studio stands with the tour's report open, for as long as the person asks questions. */
import pc from "picocolors";
import type { CommandContext } from "../../core/command.ts";
import { PolymathError, UsageError } from "../../core/errors.ts";
import { openBrowser } from "../studio/open-browser.ts";
import { serveStudio } from "../studio/serve.ts";

const usualPort = 4100;

/** A studio that cannot start here is no fault of the tour: it says why, and goes on. */
export async function withStudio({ run, log }: CommandContext, visit: () => Promise<void>): Promise<void> {
  const studio = await serveStudio({ port: usualPort, log })
    .catch((error) => {
      if (error instanceof UsageError) return serveStudio({ port: 0, log }); // the port is taken, by another studio perhaps
      throw error;
    })
    .catch((error) => {
      if (!(error instanceof PolymathError)) throw error;
      log.warn("no-studio", { why: error.message });
      return undefined;
    });
  if (studio) {
    const address = `${studio.url}/runs/${run.id}?token=${studio.token}`;
    process.stderr.write(`\nstudio: ${pc.bold(address)}\n`);
    openBrowser(address);
  }
  try {
    await visit();
  } finally {
    await studio?.close();
  }
}
