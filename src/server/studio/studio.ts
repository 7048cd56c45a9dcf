/** The studio as a server: the web application over the run folders of this machine. */
import { runsRoot } from "../../core/run.ts";
import { modelsRoot } from "../../language/models-root.ts";
import { type HttpOptions, type RunningServer, startHttp } from "../http.ts";
import { createAccess } from "./access.ts";
import { createStudioApp } from "./app.ts";
import { readAppFiles } from "./app-files.ts";
import { type AskOffer, createAskHandlers } from "./ask/handlers.ts";
import { createCertaindexHandlers } from "./certaindex/handlers.ts";
import { createClaimHandlers, type StartCommand } from "./claims/handlers.ts";
import { createCodeeloHandlers } from "./codeelo/handlers.ts";
import { createHuatuoHandlers } from "./huatuo/handlers.ts";
import { createLightningDitHandlers } from "./lightningdit/handlers.ts";
import { createOverthinkingHandlers } from "./overthinking/handlers.ts";
import { createRunHandlers } from "./runs/handlers.ts";
import { createRunIndex } from "./runs/run-index.ts";

export interface StudioOptions extends Pick<HttpOptions, "port" | "log"> {
  /** Folder of the built web application. */
  appFolder: string;
  /** Where the key of its sessions is kept: a folder of the user. */
  keyFolder: string;
  /** Folder of all runs; default as for every command. */
  root?: string;
  /** Systems that have a claim. */
  claimSystems?: readonly string[];
  /** Reports of claims that were kept; default `docs/claims` of a clone. */
  keptReports?: string;
  /** To be asked on the page. */
  models?: readonly AskOffer[];
  /** Folder of the models that ship; default as for every command. */
  modelsFolder?: string;
  /** Without it, the studio only looks. */
  start?: StartCommand;
}

export interface RunningStudio {
  /** With the token that opens it. */
  readonly address: string;
  /** Without. */
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

/** Listens on loopback only. @throws UsageError when the port is taken */
export async function startStudio(options: StudioOptions): Promise<RunningStudio> {
  const { appFolder, keyFolder, claimSystems = [], start, log, port = 4100 } = options;
  const access = createAccess(keyFolder);
  const runsFolder = runsRoot(options.root);
  const index = createRunIndex(runsFolder);
  const files = readAppFiles(appFolder);
  const ask = createAskHandlers(options.models ?? []);
  const lightningdit = createLightningDitHandlers({
    index,
    runsFolder,
    modelsFolder: options.modelsFolder ?? modelsRoot(),
  });
  const handlers = {
    ...createRunHandlers(index),
    ...createClaimHandlers({ index, systems: claimSystems, start, keptReports: options.keptReports }),
    ...createOverthinkingHandlers(index),
    ...createCodeeloHandlers(index),
    ...createHuatuoHandlers(index),
    ...createCertaindexHandlers(index),
    ...lightningdit.handlers,
    ...ask.handlers,
  };
  const server: RunningServer = await startHttp(
    { port, host: "127.0.0.1", maxBodyBytes: 256 * 2 ** 20, ...(log && { log }) },
    (http) => ({ app: createStudioApp({ access, files, index, handlers }, http), turnAway: () => {} }),
  );
  const url = server.url.replace(/\/v1$/, "");
  return {
    url,
    address: `${url}/?token=${access.token}`,
    token: access.token,
    async close() {
      await server.close({ graceMs: 1000 });
      await Promise.all([ask.close(), lightningdit.close()]);
    },
  };
}
