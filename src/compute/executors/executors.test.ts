/**
 * One suite for all executors: each program, and its gradients, gives the numbers that jax-js computes op by op on its
 * plain JavaScript backend. WebGPU compiles slowly without a GPU, so here it runs a selection; executors.slow.test.ts
 * runs the rest.
 */
import { executorSuite } from "./executors.suite.fixtures.ts";

await executorSuite("native");
await executorSuite("wasm");
await executorSuite("webgpu", [
  "add broadcasts rows and columns",
  "softmax, logSoftmax, logsumexp",
  "matmul of transposes",
  "embedding lookup",
  "conv 2d left dilation",
  "zero-size arrays",
]);
