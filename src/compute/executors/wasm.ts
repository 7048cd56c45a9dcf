/** The WebAssembly executor: runs everywhere, on all cores. The shim comes first: jax-js looks for workers when loaded. */
import "./worker-shim.ts";
import { init } from "@jax-js/jax";
import { createJaxExecutor } from "./jax.ts";

await init("wasm");
export const wasmExecutor = createJaxExecutor("wasm");
