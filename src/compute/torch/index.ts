/** Models' tensors from files of any kind; those of torch.save are interpreted and never executed. */
export { openStateDict, type StateDict, type StateDictOptions } from "./open-state-dict.ts";
export { readTorchFile, stateDictOf, type TorchFile } from "./read.ts";
export { type StrictOptions, takeStrictly } from "./take-strictly.ts";
