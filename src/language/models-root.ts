/** Where the checkpoints that ship with the package are. */
import { join } from "node:path";
import { packageRoot } from "../core/version.ts";

/** POLYMATH_MODELS names another folder. */
export const modelsRoot = (): string => process.env.POLYMATH_MODELS || join(packageRoot, "models");
