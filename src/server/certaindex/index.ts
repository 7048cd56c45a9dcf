/** The certaindex proxy: OpenAI's API in front of a reasoning model, stopped when its answer has settled. */
export type { NamedPolicy } from "./plan.ts";
export { type ProxyOptions, type RunningProxy, startProxy } from "./proxy.ts";
export type { CertaindexReport } from "./report.ts";
export type { Findings } from "./self-test.ts";
