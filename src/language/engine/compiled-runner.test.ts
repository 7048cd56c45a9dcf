import { numpy as np, tree } from "@jax-js/jax";
import { expect, test } from "vitest";
import type { Tensor } from "../../compute/tensor.ts";
import { mapTree } from "../../compute/tree.ts";
import { families, randomDecoder } from "../decoder/decoder.fixtures.ts";
import type { DecoderParams } from "../decoder/decoder.ts";
import { extend } from "./compiled-runner.ts";

test("extend borrows parameters and consumes cache and inputs", () => {
  const config = families.Qwen3!;
  const params = mapTree(randomDecoder(config), (leaf: Tensor) =>
    np.array(leaf.host as Float32Array<ArrayBuffer>, { shape: [...leaf.shape] }),
  ) as DecoderParams;
  const int = (values: number[] | number[][]) => np.array(values as number[], { dtype: np.int32 });
  const slots = () => np.zeros([1, config.kvHeadCount, 8, config.headDim]);
  const cache = Array.from({ length: config.layerCount }, () => ({ keys: slots(), values: slots() }));
  const inputs = { tokens: int([[1, 2, 3]]), starts: int([2]), last: int([1]) };
  const spent = tree.leaves({ cache, inputs }) as np.Array[];
  const result = extend(params, config, cache, inputs);
  expect(spent.map((array) => array.refCount)).toEqual(spent.map(() => 0));
  tree.dispose(result);
  const counts = (tree.leaves(params) as np.Array[]).map((array) => array.refCount);
  expect(counts).toEqual(counts.map(() => 1));
  tree.dispose(params);
});
