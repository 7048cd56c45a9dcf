/** Hugging Face's tensor files: `readSafetensors`, `writeSafetensors`, `writeCheckpoint`, and Tensors to and from them. */
export { fromTensor, loadTensors, toTensor } from "./bridge.ts";
export { bytesPerElement, SAFE_DTYPES, type SafeData, type SafeDType } from "./dtypes.ts";
export { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./half.ts";
export { readSafetensors, type Safetensors } from "./read.ts";
export { SafeTensor } from "./safe-tensor.ts";
export { type CheckpointOptions, type WriteOptions, writeCheckpoint, writeSafetensors } from "./write.ts";
