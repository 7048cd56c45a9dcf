/** Models over HTTP: OpenAI's API for any `Endpoint`. */

export type { RunningServer } from "./http.ts";
export type { ModelOffer, ServedEndpoint } from "./model-table.ts";
export { type ServerOptions, startServer } from "./serve.ts";
