/** All of Polymath by floor. Importing one floor alone (`polymath/core`, `polymath/language`, ...) loads less. */
export * as compute from "./compute/index.ts";
export * as core from "./core/index.ts";
export * as diffusion from "./diffusion/index.ts";
export * as endpoint from "./endpoint/index.ts";
export * as jobs from "./jobs/index.ts";
export * as language from "./language/index.ts";
export * as media from "./media/index.ts";
export * as sandbox from "./sandbox/index.ts";
export * as server from "./server/index.ts";
export * as certaindex from "./systems/certaindex/index.ts";
export * as codeelo from "./systems/codeelo/index.ts";
export * as huatuogptO1 from "./systems/huatuogpt-o1/index.ts";
export * as lightningdit from "./systems/lightningdit/index.ts";
export * as overthinking from "./systems/overthinking/index.ts";
export * as vision from "./vision/index.ts";
