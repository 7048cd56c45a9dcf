/**
 * Lets WebGPU be tested on a machine without a GPU: SwiftShader, the software Vulkan driver that comes with Chromium.
 * It is used when the machine has one and no driver was chosen; POLYMATH_VULKAN_ICD names its file if it is elsewhere.
 * The Vulkan loader is the system's (on Debian libvulkan1), else the copy that lies beside the driver.
 */
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";

const places = [
  process.env.POLYMATH_VULKAN_ICD,
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
  "/usr/lib64/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];

/**
 * Call before the first program runs on WebGPU. A machine with a GPU driver of its own keeps it.
 * @returns what this machine lacks, as far as can be told
 */
export function chooseSoftwareVulkan(): string | undefined {
  const hasDriver = existsSync("/dev/dri") || existsSync("/dev/nvidiactl");
  if (process.platform !== "linux" || hasDriver || process.env.VK_ICD_FILENAMES) return undefined;
  const driver = places.find((path) => path !== undefined && existsSync(path));
  if (!driver) return "no GPU, and no software driver: apt install chromium, or set POLYMATH_VULKAN_ICD";
  process.env.VK_ICD_FILENAMES = driver;
  const loader = join(dirname(driver), "libvulkan.so.1");
  if (existsSync(loader)) keepLoaded(loader);
  return `${driver} is there; the Vulkan loader may not be: apt install libvulkan1`;
}

/** RTLD_NODELETE of <dlfcn.h>, which Node does not name. */
const noDelete = 0x1000;

/** Later, Dawn asks for "libvulkan.so.1": the system's linker gives it a library of that name that is loaded already. */
function keepLoaded(library: string): void {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | noDelete);
  } catch {
    // It is no module of Node's, as it says after it has loaded it.
  }
}
