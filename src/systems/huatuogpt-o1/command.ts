/** The commands of this system. */
export { buildCommand } from "./commands/build.ts";
export { evalCommand } from "./commands/eval.ts";
export { exportCommand } from "./commands/export.ts";
export { factoryCommand } from "./commands/factory.ts";
export { mergeCommand } from "./commands/merge.ts";
export { promptsCommand } from "./commands/prompts.ts";
export { rlCommand, rlConfigCommand } from "./commands/rl.ts";
export { searchCommand } from "./commands/search.ts";
export { sftCommand } from "./commands/sft.ts";
export { trainClinicCommand } from "./commands/train-clinic.ts";
export { verifierAuditCommand, verifierCalibrateCommand, verifierTrainCommand } from "./commands/verifier.ts";
