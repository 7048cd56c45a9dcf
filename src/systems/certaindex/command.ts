/** The commands of certaindex. */
export { calibrateCommand, replayCommand, valueCommand } from "./policy/commands.ts";
export { benchCommand } from "./scheduler/commands.ts";
export { solveCommand } from "./solve/command.ts";
export { trainChainsCommand } from "./train-command.ts";
