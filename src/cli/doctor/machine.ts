/** Runtime, processor, memory, disk and graphics card. */
import { existsSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, freemem, platform, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { describeBytes } from "../text.ts";
import { type Discovery, examine, type Finding, firstLine } from "./finding.ts";

export function examineMachine(): Promise<Finding[]> {
  return Promise.all([
    examine(
      { section: "Runtime", name: "Node", enables: "everything", get: "https://nodejs.org, version 24 or newer" },
      node,
    ),
    examine({ section: "Machine", name: "processor", enables: "work on all cores" }, processor),
    examine({ section: "Machine", name: "memory", enables: "how large a model may be" }, memory),
    examine(
      {
        section: "Machine",
        name: "disk",
        enables: "runs and checkpoints",
        get: "free some space, or set POLYMATH_RUNS",
      },
      disk,
    ),
    examine(
      {
        section: "Machine",
        name: "GPU",
        enables: "the native device on CUDA",
        get: "an NVIDIA driver; other GPUs work through webgpu",
      },
      gpu,
    ),
  ]);
}

async function node(): Promise<Discovery> {
  const major = Number(process.versions.node.split(".")[0]);
  return { ok: major >= 24, found: `${process.versions.node} on ${platform()} ${release()} (${arch()})` };
}

async function processor(): Promise<Discovery> {
  const [first] = cpus();
  const model =
    first?.model
      .replace(/\((R|TM)\)/g, "")
      .replace(/ (CPU )?@.*/, "")
      .trim() || arch();
  const flags = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  const widest = ["avx512f", "avx2", "avx"].find((flag) => flags.includes(` ${flag} `));
  const vectors = widest ? `, ${widest === "avx512f" ? "AVX-512" : widest.toUpperCase()}` : "";
  return { ok: true, found: `${availableParallelism()} cores, ${model}${vectors}` };
}

async function memory(): Promise<Discovery> {
  // In a container the limit is lower than the machine's memory.
  const total = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
  const free = Math.min(process.availableMemory?.() ?? freemem(), total);
  return { ok: true, found: `${describeBytes(free)} free of ${describeBytes(total)}` };
}

async function disk(): Promise<Discovery> {
  const { bavail, bsize } = await statfs(process.cwd());
  return { ok: bavail * bsize > 2 ** 30, found: `${describeBytes(bavail * bsize)} free here` };
}

async function gpu(): Promise<Discovery> {
  const line = await firstLine("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader");
  if (!line) return { ok: false, found: "no NVIDIA driver" };
  const [name, memory, driver] = line.split(", ");
  const found = `${name}, ${memory}, driver ${driver}`;
  if (hasCudaRuntime()) return { ok: true, found: `${found}, CUDA runtime installed` };
  const get = "ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node";
  return { ok: false, found: `${found}; the CUDA part of ONNX Runtime is not installed`, get };
}

/** onnxruntime-node carries CPU kernels; the CUDA library is an extra download of its install script. */
function hasCudaRuntime(): boolean {
  const entry = createRequire(import.meta.url).resolve("onnxruntime-node");
  const binaries = join(dirname(entry), "..", "bin", "napi-v6", process.platform, process.arch);
  return existsSync(join(binaries, "libonnxruntime_providers_cuda.so"));
}
