/**
 * Lets WebGPU be tested on a machine without a GPU: SwiftShader, the software Vulkan driver that comes with Chromium.
 * It is used when the machine has one and no driver was chosen; POLYMATH_VULKAN_ICD names its file if it is elsewhere.
 * (The Vulkan loader is needed too, on Debian the package libvulkan1.)
 */
import { existsSync } from "node:fs";

const places = [
  process.env.POLYMATH_VULKAN_ICD,
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
  "/usr/lib64/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];

/** Call before the first program runs on WebGPU. A machine with a GPU driver of its own keeps it. */
export function useSoftwareVulkan(): void {
  const hasDriver = existsSync("/dev/dri") || existsSync("/dev/nvidiactl");
  const driver = places.find((path) => path !== undefined && existsSync(path));
  if (process.platform === "linux" && !hasDriver && driver) process.env.VK_ICD_FILENAMES ??= driver;
}
