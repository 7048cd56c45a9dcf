/** Models over HTTP: OpenAI's API for any `Endpoint`. */
export type { ModelOffer, ServedEndpoint } from "./model-table.ts";
export { type RunningServer, type ServerOptions, startServer } from "./serve.ts";
