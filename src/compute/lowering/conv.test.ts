/** Kernel gradients take ways of their own through the lowering; jax-js's kernels on WebAssembly are the reference. */
import { grad, lax, numpy as np } from "@jax-js/jax";
import { expect, test } from "vitest";
import { Random } from "../../core/random.ts";
import { compile } from "../compile.ts";
import { normal } from "../init.ts";

const cases = {
  plain: { strides: [1, 1], lhsDilation: [1, 1] },
  strided: { strides: [2, 2], lhsDilation: [1, 1] },
  transposed: { strides: [1, 1], lhsDilation: [2, 2] },
};

test.each(Object.entries(cases))("the kernel's gradient of a %s convolution", async (_, { strides, lhsDilation }) => {
  const loss = (kernel: np.Array, x: np.Array) =>
    np
      .square(
        lax.convGeneralDilated(
          x,
          kernel,
          strides,
          [
            [1, 2],
            [2, 1],
          ],
          { lhsDilation },
        ),
      )
      .sum();
  const gradient = (kernel: np.Array, x: np.Array) => grad(loss)(kernel, x);
  const rng = new Random(0);
  const [kernel, x] = [normal(1)(rng.split("kernel"), [4, 3, 3, 3]), normal(1)(rng.split("x"), [2, 3, 8, 7])];
  const [native, wasm] = [compile(gradient, { device: "native" }), compile(gradient, { device: "wasm" })];
  const expected = await (await wasm(kernel, x)).data();
  await expect(await native(kernel, x)).toBeAllclose(expected as Float32Array, { rtol: 1e-5, atol: 1e-3 });
  native.dispose();
  wasm.dispose();
});
