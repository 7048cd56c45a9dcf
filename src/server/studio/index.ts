/** The studio's server and the types of its API. */
export type { AskOffer } from "./ask/handlers.ts";
export { type RunningStudio, type StudioOptions, startStudio } from "./studio.ts";
