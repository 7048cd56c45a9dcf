/** The commands of codeelo, by their door. */
export { trainCoderCommand } from "./coder/command.ts";
export { judgeCommand, selfTestCommand } from "./judge/commands.ts";
export { problemsCommand, stressCommand } from "./problems/commands.ts";
export { compareCommand, percentileCommand, rateCommand, simulateCommand } from "./rating/commands.ts";
export { runCommand } from "./run/command.ts";
