/**
 * A native training step with ONNX Runtime's profiler on: `node profiled-step.ts <task> <steps> <folder>`.
 * The executor creates its sessions as always; this only adds the profiler's options to what it asks for.
 */
process.env.POLYMATH_DEVICE = "native";

import "../../src/compute/executors/worker-shim.ts"; // before jax-js is loaded
import { join } from "node:path";
import ort from "onnxruntime-node";
import { openTrainingStep } from "../training-step/ours-step.ts";

const [taskName, steps, folder] = process.argv.slice(2) as [string, string, string];
const sessions: ort.InferenceSession[] = [];
const create = ort.InferenceSession.create as (...args: any[]) => Promise<ort.InferenceSession>;
ort.InferenceSession.create = async (model: any, options?: any) => {
  const profiling = { enableProfiling: true, profileFilePrefix: join(folder, `session${sessions.length}`) };
  const session = await create.call(ort.InferenceSession, model, { ...options, ...profiling });
  sessions.push(session);
  return session;
};

const step = await openTrainingStep(taskName);
const start = performance.now();
for (let index = 0; index < Number(steps); index++) await step(index);
const ms = (performance.now() - start) / Number(steps);
for (const session of sessions) session.endProfiling();
console.log(JSON.stringify({ ms, sessions: sessions.length }));
