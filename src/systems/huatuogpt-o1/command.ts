/** The commands of this system. */
export { exportCommand } from "./commands/export.ts";
export { factoryCommand } from "./commands/factory.ts";
export { mergeCommand } from "./commands/merge.ts";
export { promptsCommand } from "./commands/prompts.ts";
export { searchCommand } from "./commands/search.ts";
