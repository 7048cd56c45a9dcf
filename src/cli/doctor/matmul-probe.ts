/**
 * A process of its own, so that a driver that hangs or crashes takes nothing along: measures a matmul on the device
 * that POLYMATH_DEVICE names and prints one line of JSON, `{ gigaflops }` or `{ message, hint }`.
 */
import "../../compute/executors/worker-shim.ts"; // before jax-js
import { numpy as np } from "@jax-js/jax";
import { compile } from "../../compute/compile.ts";
import { Tensor } from "../../compute/tensor.ts";
import { PolymathError } from "../../core/errors.ts";

const size = 1024;
const budgetMs = 600;

/** Best rate of a [1024, 1024] product in GFLOP/s; the operands stay on the device between calls. */
async function measure(): Promise<number> {
  const square = compile((x: np.Array) => np.dot(x.ref, x), { name: "doctor" });
  // Every entry 1/size: the product is the matrix itself, so calls can be chained for ever.
  let x = Tensor.from(new Float32Array(size * size).fill(1 / size), [size, size]);
  x = await square(x); // compiles
  let best = 0;
  for (const start = performance.now(); performance.now() - start < budgetMs; ) {
    const began = performance.now();
    for (let i = 0; i < 2; i++) x = await square(x);
    const [value] = await x.data(); // work may be queued: only reading proves that it is done
    if (Math.abs(value! * size - 1) > 1e-3) throw new Error(`the product is wrong: ${value} in place of ${1 / size}`);
    best = Math.max(best, (2 * 2 * size ** 3) / (performance.now() - began) / 1e6);
  }
  return best;
}

try {
  process.stdout.write(`${JSON.stringify({ gigaflops: await measure() })}\n`, () => process.exit(0));
} catch (error) {
  const { message } = error as Error;
  const hint = error instanceof PolymathError ? error.hint : undefined;
  process.stdout.write(`${JSON.stringify({ message, hint })}\n`, () => process.exit(0));
}
