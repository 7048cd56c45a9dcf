/** A faster kernel for TensorFlow.js's WebAssembly backend, composed of its own. */
import * as tf from "@tensorflow/tfjs";

/**
 * The gradient of conv2d with respect to its input, for strides of 1: a convolution of the output's gradient with the
 * kernel turned around. The backend's own kernel for it takes six times as long as its conv2d: measured for 32x4x4x64,
 * kernel 3, to 64 channels: 7.8 ms, and 1.9 ms this way.
 */
export function convolveForInputGradient(): void {
  const own = tf.getKernel("Conv2DBackpropInput", "wasm");
  tf.unregisterKernel("Conv2DBackpropInput", "wasm");
  tf.registerKernel({
    ...own,
    kernelFunc: (call) => {
      const { inputShape, strides, pad } = call.attrs as any;
      const kernelShape = call.inputs.filter!.shape as [number, number, number, number];
      const info = tf.backend_util.computeConv2DInfo(inputShape, kernelShape, strides, 1, pad);
      if (info.strideHeight !== 1 || info.strideWidth !== 1) return own.kernelFunc(call);
      const [rows, columns] = [kernelShape[0] - 1, kernelShape[1] - 1];
      const { top, bottom, left, right } = info.padInfo;
      return tf.tidy(() => {
        const [dy, filter] = [asTensor(call.inputs.dy), asTensor(call.inputs.filter)];
        const turned = filter.reverse([0, 1]).transpose<tf.Tensor4D>([0, 1, 3, 2]); // [height, width, out, in]
        const padding = [[0, 0], [rows - top, rows - bottom], [columns - left, columns - right], [0, 0]]; // biome-ignore format: a table
        return tf.conv2d(dy, turned, 1, padding as tf.backend_util.ExplicitPadding);
      });
    },
  });
}

/** A kernel is handed bare records; operations want a Tensor over the same data, which then has one more owner. */
function asTensor(info: tf.TensorInfo | undefined): tf.Tensor4D {
  (tf.backend() as any).incRef(info!.dataId);
  return tf.engine().makeTensorFromTensorInfo(info!) as tf.Tensor4D;
}
