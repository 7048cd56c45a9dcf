/**
 * The WebGPU executor: a browser's navigator.gpu, or in Node the optional package `webgpu` (Dawn: Vulkan, Metal, D3D12).
 *
 * jax-js asks for `navigator.gpu` when the backend is initialised, so it is put in place just before. Dawn finds its
 * driver through the Vulkan loader; where there is no GPU, VK_ICD_FILENAMES may name a software driver (SwiftShader
 * comes with Chromium): slow, but right.
 */
import { init } from "@jax-js/jax";
import { MissingError } from "../../core/errors.ts";
import { createJaxExecutor } from "./jax.ts";

if (!navigator.gpu) await installDawn();
const ready = await init("webgpu");
if (!ready.includes("webgpu")) {
  throw new MissingError("WebGPU: no adapter was found on this machine", {
    hint: "Install a Vulkan, Metal or D3D12 driver, set VK_ICD_FILENAMES to a software driver, or use POLYMATH_DEVICE=native.",
  });
}
export const webgpuExecutor = createJaxExecutor("webgpu");

async function installDawn(): Promise<void> {
  const dawn = await import("webgpu").catch((cause: unknown) => {
    throw new MissingError("WebGPU in Node needs the optional package webgpu", { hint: "npm install webgpu", cause });
  });
  Object.assign(globalThis, dawn.globals); // GPUBufferUsage and its like
  Object.defineProperty(navigator, "gpu", { value: dawn.create([]), configurable: true });
}
