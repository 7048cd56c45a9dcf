/** The studio as the command and the tour start it: all claims, the models that ship, commands in processes of their own. */
import type { Log } from "../../core/log.ts";
import type { EndpointOptions } from "../../language/endpoint-options.ts";
import { cacheFolder } from "../../sandbox/index.ts";
import { type RunningStudio, startStudio } from "../../server/studio/index.ts";
import { claimNames } from "../claim.ts";
import { findAppFolder } from "./app-folder.ts";
import { askOffers } from "./ask-offers.ts";
import { startCommand } from "./start-command.ts";

export interface ServeOptions {
  port: number;
  log: Log;
  /** Folder of the runs. */
  runs?: string | undefined;
  /** A model to be asked beside those that ship. */
  model?: EndpointOptions;
}

/** @throws UsageError when the port is taken or there is no such model; MissingError when the pages cannot be built */
export function serveStudio({ port, log, runs, model = {} }: ServeOptions): Promise<RunningStudio> {
  return startStudio({
    port,
    log,
    appFolder: findAppFolder(),
    keyFolder: cacheFolder(),
    claimSystems: claimNames,
    models: askOffers(model),
    start: (words) => startCommand(words, runs),
    ...(runs !== undefined && { root: runs }),
  });
}
