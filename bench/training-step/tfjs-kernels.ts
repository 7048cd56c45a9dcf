/**
 * Two kernels for TensorFlow.js's WebAssembly backend, both composed of its own: one that it lacks and training a
 * convolution needs, one that it has but slowly.
 */
import * as tf from "@tensorflow/tfjs";

/**
 * The gradient of conv2d with respect to its filter (missing: tensorflow/tfjs#8474).
 *
 * It is itself a convolution: channels take the place of the batch, the batch takes the place of the channels, and the
 * output's gradient is the filter, dilated by the stride. So it runs on the backend's own conv2d. Measured for
 * 16x32x32x3 to 16 channels, kernel 4, stride 2: 1.3 ms this way, 19 ms as sixteen strided slices and products,
 * 317 ms by the kernel of the pure JavaScript backend. (The backend does have Conv3DBackpropFilterV2, but with padding
 * its result differs from the JavaScript backend's.)
 */
export function addConvFilterGradient(): void {
  tf.registerKernel({
    kernelName: "Conv2DBackpropFilter",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => {
      const { strides, pad, filterShape } = attrs as any;
      return tf.tidy(() => filterGradient(asTensor(inputs.x), asTensor(inputs.dy), strides, pad, filterShape));
    },
  });
}

function filterGradient(
  x: tf.Tensor4D, // [batch, height, width, in]
  dy: tf.Tensor4D, // [batch, outHeight, outWidth, out]
  strides: number | [number, number],
  pad: "same" | "valid" | number,
  filterShape: [number, number, number, number],
): tf.Tensor {
  const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad);
  const { top, bottom, left, right } = info.padInfo;
  const padded = tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]]); // biome-ignore format: a table
  const images = padded.transpose<tf.Tensor4D>([3, 1, 2, 0]); // [in, height, width, batch]
  const filter = dy.transpose<tf.Tensor4D>([1, 2, 0, 3]); // [outHeight, outWidth, batch, out]
  const gradient = tf.conv2d(images, filter, 1, "valid", "NHWC", [info.strideHeight, info.strideWidth]);
  const [height, width, inputs, outputs] = filterShape;
  // Rows and columns that no window starts at leave a longer result; the filter is its first part.
  return gradient.slice([0, 0, 0, 0], [inputs, height, width, outputs]).transpose([1, 2, 0, 3]);
}

/**
 * Transposes first and multiplies then. The backend's product runs at 20 to 40 GFLOP/s on plain operands and at about
 * 1.5 on transposed ones, which every gradient of a product has: the step of the 0.4M decoder took 810 ms of which
 * 700 ms were these.
 */
export function transposeBeforeProducts(): void {
  const product = tf.getKernel("BatchMatMul", "wasm");
  tf.unregisterKernel("BatchMatMul", "wasm");
  tf.registerKernel({
    ...product,
    kernelFunc: (call) => {
      const { transposeA, transposeB } = call.attrs as any;
      if (!transposeA && !transposeB) return product.kernelFunc(call);
      return tf.tidy(() => {
        const a = transposeA ? transposed(call.inputs.a) : asTensor(call.inputs.a);
        const b = transposeB ? transposed(call.inputs.b) : asTensor(call.inputs.b);
        return tf.matMul(a, b);
      });
    },
  });
}

function transposed(info: tf.TensorInfo | undefined): tf.Tensor {
  const rank = info!.shape.length;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return asTensor(info).transpose([...axes.slice(0, -2), rank - 1, rank - 2]);
}

/** A kernel is handed bare records; operations want a Tensor over the same data, which then has one more owner. */
function asTensor<T extends tf.Tensor = tf.Tensor4D>(info: tf.TensorInfo | undefined): T {
  (tf.backend() as any).incRef(info!.dataId);
  return tf.engine().makeTensorFromTensorInfo(info!) as T;
}
