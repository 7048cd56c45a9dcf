/** The server of models: OpenAI's API for any `Endpoint`. */
import { UsageError } from "../core/errors.ts";
import { createApp } from "./app.ts";
import { type HttpOptions, type RunningServer, startHttp } from "./http.ts";
import { createMetrics } from "./metrics.ts";
import { createModelTable, type ModelOffer } from "./model-table.ts";

export interface ServerOptions extends HttpOptions {
  /** The first answers requests that name no model. Endpoints stay their opener's: closing the server leaves them open. */
  models: readonly ModelOffer[];
  /** Sequences a model generates at once; default 256. */
  maxActive?: number;
  /** Requests that may wait for one model; more are told to come back (429). Default 256. */
  maxQueue?: number;
}

/** @throws UsageError when the address cannot be listened on, or there is no model */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { maxActive = 256, maxQueue = 256 } = options;
  if (options.models.length === 0) throw new UsageError("There is no model to serve");
  const models = createModelTable(options.models, { maxActive, maxQueue });
  return startHttp(options, (http) => ({
    app: createApp({ ...http, models, metrics: createMetrics(models) }),
    turnAway: () => models.all.forEach(({ gate }) => void gate.close()),
  }));
}
