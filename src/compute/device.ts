/**
 * Where programs run: `native` (ONNX Runtime, the default in Node), `wasm` (everywhere) or `webgpu`.
 * POLYMATH_DEVICE chooses; a program may ask for one by itself (`compile`'s option) and tests by `withDevice`.
 */
import { MissingError, PolymathError, UsageError } from "../core/errors.ts";
import type { Device, Executor } from "./executors/executor.ts";

export type { Device } from "./executors/executor.ts";

export const devices: readonly Device[] = ["native", "wasm", "webgpu"];

let override: Device | undefined;

/**
 * The device that programs run on now.
 * @throws UsageError when POLYMATH_DEVICE names none
 */
export function currentDevice(): Device {
  if (override) return override;
  const inNode = typeof process !== "undefined" && process.versions?.node !== undefined;
  const chosen = (inNode && process.env.POLYMATH_DEVICE) || (inNode && hasNative() ? "native" : "wasm");
  if (devices.includes(chosen as Device)) return chosen as Device;
  throw new UsageError(`POLYMATH_DEVICE: expected ${devices.join(", ")}, got "${chosen}"`, {
    hint: "Leave it unset for the fastest device that is always there.",
  });
}

/** Where a measurement ran, for claims: `native, 2 cores of AMD EPYC`. Node alone. */
export function describeDevice(): string {
  const { availableParallelism, cpus } = process.getBuiltinModule("node:os");
  return `${currentDevice()}, ${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? "unknown"}`;
}

/** onnxruntime-node is an optional dependency: its install script wants a download that some networks refuse. */
function hasNative(): boolean {
  try {
    // Not a static import of node:module, because browsers load this file, too.
    return Boolean(
      process
        .getBuiltinModule("node:module")
        .createRequire(import.meta.url)
        .resolve("onnxruntime-node"),
    );
  } catch {
    return false;
  }
}

/** Runs `body` with programs on `device`. For tests and benchmarks: not for two at a time in one process. */
export async function withDevice<T>(device: Device, body: () => T | Promise<T>): Promise<T> {
  const before = override;
  override = device;
  try {
    return await body();
  } finally {
    override = before;
  }
}

/** Loaded on first use: a program on one device must not need what another one is made of. */
const loaders: Record<Device, () => Promise<Executor>> = {
  native: async () => (await import("./executors/native.ts")).nativeExecutor,
  wasm: async () => (await import("./executors/wasm.ts")).wasmExecutor,
  webgpu: async () => (await import("./executors/webgpu.ts")).webgpuExecutor,
};
const loaded = new Map<Device, Promise<Executor>>();

/** @throws MissingError when this machine cannot run programs on `device`; the hint says what to install or choose */
export function loadExecutor(device: Device): Promise<Executor> {
  const executor = loaded.get(device) ?? loaders[device]().catch((cause: unknown) => rejectMissing(device, cause));
  loaded.set(device, executor);
  return executor;
}

/** Null when programs can run on `device` here, else why not. */
export async function whyUnavailable(device: Device): Promise<PolymathError | null> {
  return loadExecutor(device).then(
    () => null,
    (error: PolymathError) => error,
  );
}

function rejectMissing(device: Device, cause: unknown): never {
  if (cause instanceof PolymathError) throw cause;
  const found = cause instanceof Error ? cause.message : String(cause);
  throw new MissingError(`Device ${device} cannot be used here: ${found}`, {
    hint:
      device === "wasm" ? "Use a runtime with WebAssembly SIMD." : "Set POLYMATH_DEVICE=wasm, which runs everywhere.",
    cause,
  });
}
