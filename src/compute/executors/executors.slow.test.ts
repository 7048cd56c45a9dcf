/** The whole suite on WebGPU: about a minute where SwiftShader stands in for a GPU. */
import { executorSuite } from "./executors.suite.fixtures.ts";

await executorSuite("webgpu");
