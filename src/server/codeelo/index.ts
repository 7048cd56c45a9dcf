/** CodeElo's submission service before the local judge. */
export { type RunningService, type ServiceOptions, startService } from "./service.ts";
