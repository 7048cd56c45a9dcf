/**
 * How should the keys and values lie that a decoding step reads? (one thread, one token per row; reasoner and 110M)
 *   in place   GroupQueryAttention that adds the new token to the cache where it lies, as the engine does
 *   copied     the same operator with its result elsewhere: it copies the cache first
 *   composed   MatMul, Softmax, MatMul over the cache as an input, the new token apart, as the compiled runner does
 *   gathered   the same over blocks that a table names (paged, shared between rows), gathered first
 * Expected: in place reads least, and only what is filled; gathering costs about one more pass over the cache.
 * Run: npm run bench -- attention
 */

import type { Attribute, OnnxModel, OnnxNode, OnnxPort, OnnxTensor } from "../src/compute/lowering/onnx-proto.ts";
import { type GraphTensor, graphTensor, openNativeGraph } from "../src/compute/native-graph.ts";
import { Random } from "../src/core/random.ts";
import { spread } from "./lib/paired.ts";
import type { Benchmark, Cell, Outcome } from "./lib/report.ts";

const layerCount = 8; // so that a step does not find everything in the nearest cache
const blockTokens = 16;
const layouts = ["in place", "copied", "composed", "gathered"] as const;
type Sizes = { rows: number; heads: number; headDim: number; slots: number };

const cases: Record<string, Sizes> = {
  "reasoner, 1 row of 192": { rows: 1, heads: 4, headDim: 24, slots: 192 },
  "reasoner, 16 rows of 192": { rows: 16, heads: 4, headDim: 24, slots: 192 },
  "110M, 16 rows of 192": { rows: 16, heads: 12, headDim: 64, slots: 192 },
  "110M, 16 rows of 1024": { rows: 16, heads: 12, headDim: 64, slots: 1024 },
};

export const benchmark: Benchmark = {
  name: "attention",
  question: "How should the keys and values lie that a decoding step reads?",
  async run({ quick, note }) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    const rows: Cell[][] = [];
    for (const [name, sizes] of Object.entries(cases).slice(0, quick ? 2 : undefined)) {
      note(name);
      const runs = await Promise.all(layouts.map((layout) => openLayout(layout, sizes)));
      const times = runs.map(() => [] as number[]);
      for (let round = 0; round < (quick ? 3 : 30); round++) {
        for (const [i, { step }] of runs.entries()) {
          const begun = performance.now();
          await step();
          if (round > 1) times[i]!.push((performance.now() - begun) / layerCount);
        }
      }
      for (const { close } of runs) await close();
      rows.push([name, ...times.map(spread)]);
    }
    outcome.tables.push({ title: "Milliseconds a layer", columns: ["", ...layouts], rows });
    outcome.remarks.push("All rows are full; medians (min–max) of rounds in turn.");
    return outcome;
  },
};

async function openLayout(layout: (typeof layouts)[number], { rows, heads, headDim, slots }: Sizes) {
  const rng = new Random("bench-attention");
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const inputs: OnnxPort[] = [];
  const outputs: OnnxPort[] = [];
  const [read, written]: Record<string, GraphTensor>[] = [{}, {}];
  const floats = (shape: readonly number[]) => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.next() - 0.5);
    return graphTensor("float32", data, shape);
  };
  const input = (name: string, type: "float32" | "int32", shape: readonly number[], tensor: GraphTensor) => {
    inputs.push({ name, type, shape });
    read![name] = tensor;
    return tensor;
  };
  const output = (name: string, shape: readonly number[], tensor = floats(shape)) => {
    outputs.push({ name, type: "float32", shape });
    written![name] = tensor;
  };
  const emit = (
    op: string,
    from: string[],
    to: string[],
    attributes: Record<string, Attribute> = {},
    domain?: string,
  ) => nodes.push({ op, domain, inputs: from, outputs: to, attributes });
  const int64s = (name: string, values: readonly number[]) => {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    initializers.push({ name, type: "int64", shape: [values.length], bytes });
  };
  for (const name of ["q", "k", "v"])
    input(name, "float32", [rows, 1, heads * headDim], floats([rows, 1, heads * headDim]));
  const cacheShape = [rows, heads, slots, headDim];

  if (layout === "in place" || layout === "copied") {
    input("filled", "int32", [rows], graphTensor("int32", new Int32Array(rows).fill(slots - 1), [rows]));
    input("total", "int32", [1], graphTensor("int32", Int32Array.of(slots), [1]));
    for (let layer = 0; layer < layerCount; layer++) {
      const names = [`keys.${layer}`, `values.${layer}`, `mixed.${layer}`, `newKeys.${layer}`, `newValues.${layer}`];
      const [keys, values, mixed, newKeys, newValues] = names as [string, string, string, string, string];
      emit(
        "GroupQueryAttention",
        ["q", "k", "v", keys, values, "filled", "total"],
        [mixed, newKeys, newValues],
        {
          num_heads: heads,
          kv_num_heads: heads,
        },
        "com.microsoft",
      );
      output(mixed, [rows, 1, heads * headDim]);
      for (const [from, to] of [
        [keys, newKeys],
        [values, newValues],
      ] as const) {
        const cache = input(from, "float32", cacheShape, floats(cacheShape));
        if (layout === "in place") output(to, cacheShape, cache);
      }
    }
  } else {
    int64s("perHead", [rows, heads, 1, headDim]);
    int64s("parts", [1, slots]);
    int64s("cacheShape", cacheShape);
    for (const name of ["q", "k", "v"]) emit("Reshape", [name, "perHead"], [`${name}4`]);
    input("bias", "float32", [rows, 1, 1, slots], floats([rows, 1, 1, slots]));
    const blocks = slots / blockTokens;
    if (layout === "gathered") {
      const places = Int32Array.from({ length: rows * heads * blocks }, (_, at) => {
        const [row, head, block] = [Math.floor(at / (heads * blocks)), Math.floor(at / blocks) % heads, at % blocks];
        return (((row * blocks + block) * 7) % (rows * blocks)) * heads + head;
      });
      input("table", "int32", [rows, heads, blocks], graphTensor("int32", places, [rows, heads, blocks]));
    }
    const scaled = { transB: 1, alpha: { float: headDim ** -0.5 } };
    for (let layer = 0; layer < layerCount; layer++) {
      const at = (name: string) => `${name}.${layer}`;
      for (const name of ["keys", "values"]) {
        const shape = layout === "gathered" ? [rows * blocks * heads, blockTokens * headDim] : cacheShape;
        input(at(name), "float32", shape, floats(shape));
        if (layout === "composed") continue;
        emit("Gather", [at(name), "table"], [at(`${name}Blocks`)], { axis: 0 });
        emit("Reshape", [at(`${name}Blocks`), "cacheShape"], [at(`${name}Row`)]);
      }
      const [keys, values] = layout === "gathered" ? ["keysRow", "valuesRow"] : ["keys", "values"];
      emit("FusedMatMul", ["q4", at(keys!)], [at("past")], scaled, "com.microsoft");
      emit("Add", [at("past"), "bias"], [at("seen")]);
      emit("FusedMatMul", ["q4", "k4"], [at("own")], scaled, "com.microsoft");
      emit("Concat", [at("own"), at("seen")], [at("scores")], { axis: -1 });
      emit("Softmax", [at("scores")], [at("weights")], { axis: -1 });
      emit("Split", [at("weights"), "parts"], [at("ownWeight"), at("pastWeights")], { axis: -1 });
      emit("MatMul", [at("pastWeights"), at(values!)], [at("fromPast")]);
      emit("Mul", [at("ownWeight"), "v4"], [at("fromOwn")]);
      emit("Add", [at("fromPast"), at("fromOwn")], [at("mixed")]);
      output(at("mixed"), [rows, heads, 1, headDim]);
    }
  }
  const model: OnnxModel = { nodes, initializers, inputs, outputs };
  const graph = await openNativeGraph(model, { threads: 1 });
  return { step: () => graph.run(read!, written!), close: () => graph.dispose() };
}
