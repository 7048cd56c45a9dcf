/** Polymath's side of the training step, a child process: `POLYMATH_DEVICE=native node ours.ts <task>`. */
import "../../src/compute/executors/worker-shim.ts"; // before jax-js is loaded
import { version } from "../../src/core/version.ts";
import { serveContender } from "../lib/contender.ts";
import { openTrainingStep } from "./ours-step.ts";

await serveContender(async ([taskName]) => ({
  about: `Polymath ${version}, ${process.env.POLYMATH_DEVICE}`,
  step: await openTrainingStep(taskName!),
}));
