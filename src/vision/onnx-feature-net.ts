/**
 * A vision model given as an ONNX file (DINOv2, MAE, Inception, …) as a FeatureNet. Its result may be a grid
 * [batch, dim, height, width], tokens [batch, prefix + height · width, dim], whose class token and registers are
 * dropped, or one vector per picture [batch, dim], which is a grid of one place.
 */
import { basename } from "node:path";
import { z } from "zod";
import { ConfigError, DataError, MissingError } from "../core/errors.ts";
import { type FeatureNet, poolGrid } from "./feature-net.ts";
import { resizeGrid } from "./resize-grid.ts";

export type OnnxNetOptions = z.output<typeof OnnxNetOptions>;
export const OnnxNetOptions = z.object({
  /** For tables; default the file's name. */
  name: z.string().optional(),
  /** Pixels of a side that the model takes; pictures are resized bilinearly. Default what the file says. */
  side: z.number().int().min(1).optional(),
  /**
   * What the model was trained on: [-1, 1] (how the official tokenizer feeds DINOv2, too), [0, 1], bytes, or [0, 1]
   * less ImageNet's mean and divided by its deviation.
   */
  range: z.enum(["signed", "unit", "bytes", "imagenet"]).default("signed"),
  /** Which result to take; default the first. */
  output: z.string().optional(),
  /** Which result holds class logits, where there is one. */
  logits: z.string().optional(),
});

const imagenetMean = [0.485, 0.456, 0.406];
const imagenetStd = [0.229, 0.224, 0.225];

/** Pictures per call; a file with a fixed batch size has its own. */
const usualBatch = 8;

/** @throws MissingError without ONNX Runtime; ConfigError when the file does not say its size, or its result is of no known form */
export async function openOnnxNet(file: string, given: z.input<typeof OnnxNetOptions> = {}): Promise<FeatureNet> {
  const { name = basename(file), side: wanted, range, output, logits: logitsName } = OnnxNetOptions.parse(given);
  const ort = await loadRuntime();
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 3 }).catch((cause: Error) => {
    throw new DataError(`${file}: ONNX Runtime cannot open it: ${cause.message.split("\n")[0]}`, { cause });
  });
  const input = session.inputMetadata[0]!;
  const shape = input.isTensor ? input.shape : [];
  const fixed = (axis: number) =>
    typeof shape[axis] === "number" && (shape[axis] as number) > 0 ? (shape[axis] as number) : undefined;
  const side = wanted ?? fixed(2);
  if (side === undefined)
    throw new ConfigError(`${file}: takes pictures of any size, so one has to be named`, {
      hint: "Set side, for DINOv2 224.",
    });
  const batch = fixed(0) ?? usualBatch;
  const outputName = output ?? session.outputNames[0]!;

  const runBatch = async (images: Float32Array<ArrayBuffer>) => {
    const feeds = { [input.name]: new ort.Tensor("float32", images, [batch, 3, side, side]) };
    const results = await session.run(feeds, logitsName ? [outputName, logitsName] : [outputName]);
    const told = results[outputName]!;
    const form = gridOf(told.data as Float32Array, told.dims, file);
    return { ...form, logits: logitsName ? (results[logitsName]!.data as Float32Array) : undefined };
  };
  const probe = await runBatch(new Float32Array(batch * 3 * side ** 2));
  const { dim, gridSide } = probe;
  const classCount = probe.logits && probe.logits.length / batch;
  return {
    name,
    dim,
    gridSide,
    ...(classCount && { classCount }),
    async run(images, given) {
      const size = 3 * given ** 2;
      const count = images.length / size;
      const cells = dim * gridSide ** 2;
      const grid = new Float32Array(count * cells);
      const logits = classCount ? new Float32Array(count * classCount) : undefined;
      for (let start = 0; start < count; start += batch) {
        const used = Math.min(batch, count - start);
        const part = images.subarray(start * size, (start + used) * size);
        const fitting = given === side ? part : resizeGrid(part, given, side);
        const inputs = new Float32Array(batch * 3 * side ** 2);
        inputs.set(toRange(fitting, range, side));
        const told = await runBatch(inputs);
        grid.set(told.grid.subarray(0, used * cells), start * cells);
        logits?.set(told.logits!.subarray(0, used * classCount!), start * classCount!);
      }
      return { grid, pooled: poolGrid(grid, gridSide ** 2), ...(logits && { logits }) };
    },
    dispose: () => void session.release(),
  };
}

/** Brings any of the known forms to [batch, dim, gridSide, gridSide]. */
function gridOf(
  data: Float32Array,
  dims: readonly number[],
  file: string,
): { grid: Float32Array; dim: number; gridSide: number } {
  if (dims.length === 2) return { grid: data, dim: dims[1]!, gridSide: 1 };
  if (dims.length === 4 && dims[2] === dims[3]) return { grid: data, dim: dims[1]!, gridSide: dims[2]! };
  if (dims.length === 3) {
    const [batch, tokens, dim] = dims as [number, number, number];
    const gridSide = Math.floor(Math.sqrt(tokens));
    const places = gridSide ** 2;
    const prefix = tokens - places; // class token, registers
    const grid = new Float32Array(batch * dim * places);
    for (let image = 0; image < batch; image++)
      for (let place = 0; place < places; place++)
        for (let k = 0; k < dim; k++)
          grid[(image * dim + k) * places + place] = data[(image * tokens + prefix + place) * dim + k]!;
    return { grid, dim, gridSide };
  }
  throw new ConfigError(`${file}: its result is [${dims.join(", ")}], no square grid, tokens or vector`, {
    hint: "Name another result with output.",
  });
}

/** @param signed [count, 3, side, side] in [-1, 1] */
function toRange(signed: Float32Array, range: OnnxNetOptions["range"], side: number): Float32Array {
  if (range === "signed") return signed;
  if (range === "unit") return signed.map((value) => (value + 1) / 2);
  if (range === "bytes") return signed.map((value) => (value + 1) * 127.5);
  return signed.map((value, i) => {
    const channel = Math.floor(i / side ** 2) % 3;
    return ((value + 1) / 2 - imagenetMean[channel]!) / imagenetStd[channel]!;
  });
}

async function loadRuntime() {
  try {
    return (await import("onnxruntime-node")).default;
  } catch (cause) {
    throw new MissingError("ONNX files need ONNX Runtime, which is not installed", {
      hint: "npm install onnxruntime-node",
      cause,
    });
  }
}
