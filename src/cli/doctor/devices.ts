/** The executors of compute/, each with the rate it reaches here. */
import { execFile } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Discovery, examine, type Finding } from "./finding.ts";

const devices: { name: string; enables: string; get?: string }[] = [
  {
    name: "native",
    enables: "training and answering in Node; the default",
    get: "ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node",
  },
  { name: "wasm", enables: "the same programs anywhere, browsers too" },
  { name: "webgpu", enables: "the same programs on a GPU of any vendor" },
];

/** One after the other: measured side by side they would share the cores. */
export async function examineDevices(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const device of devices) {
    findings.push(await examine({ section: "Devices", ...device }, () => measure(device)));
  }
  return findings;
}

async function measure({ name, get }: (typeof devices)[number]): Promise<Discovery> {
  const { gigaflops, message = "did not start", hint } = await runProbe(name);
  if (gigaflops !== undefined)
    return {
      ok: true,
      found: `${gigaflops < 10 ? gigaflops.toFixed(1) : Math.round(gigaflops)} GFLOP/s (matmul, float32)`,
      gigaflops,
    };
  const absent = /Cannot find package '([^']+)'/.exec(message);
  return { ok: false, found: absent ? `${absent[1]} is not installed` : message, get: get ?? hint };
}

function runProbe(device: string): Promise<{ gigaflops?: number; message?: string; hint?: string }> {
  // Sources run as .ts, the published package as .js.
  const probe = new URL(`./matmul-probe${extname(import.meta.url)}`, import.meta.url);
  const env = { ...process.env, POLYMATH_DEVICE: device };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [fileURLToPath(probe)],
      { env, timeout: 9000, killSignal: "SIGKILL" },
      (error, stdout) => {
        const line = stdout.trim().split("\n").at(-1) ?? "";
        if (line.startsWith("{")) resolve(JSON.parse(line));
        else
          resolve({
            message: error?.killed ? "took longer than 9 s" : `ended with ${error?.signal ?? `code ${error?.code}`}`,
          });
      },
    );
  });
}
