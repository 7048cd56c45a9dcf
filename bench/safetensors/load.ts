/**
 * One measurement in a process of its own: `node load.ts polymath|readFile|nothing <file>` prints a LoadMeasurement.
 * Every float32 array is kept until the end, as a model would keep it.
 */
import { readFile } from "node:fs/promises";
import { readSafetensors } from "../../src/compute/safetensors/index.ts";

export interface LoadMeasurement {
  /** Until names and shapes of all tensors are known. */
  openMs: number;
  /** Until one tensor is there as float32, opening included. */
  oneMs: number;
  /** All tensors as float32, opening included. */
  allMs: number;
  /** Largest resident memory of the process so far, after each of the above. */
  openMB: number;
  oneMB: number;
  allMB: number;
  /** Of all elements: equal for equal results. */
  sum: number;
}

const [reader, file] = process.argv.slice(2) as [keyof typeof readers, string];
const readers = { polymath: withPolymath, readFile: withReadFile, nothing: async () => new Map() };

const start = performance.now();
const tensors = await readers[reader](file);
const [openMs, openMB] = [performance.now() - start, peakMB()];
const names = [...tensors.keys()];
const one = await tensors.get(names[names.length >> 1]!)?.();
const [oneMs, oneMB] = [performance.now() - start, peakMB()];
const kept: Float32Array[] = one ? [one] : [];
for (const [index, name] of names.entries()) if (index !== names.length >> 1) kept.push(await tensors.get(name)!());
const allMs = performance.now() - start;
const allMB = peakMB();

let sum = 0;
for (const values of kept) for (const value of values) sum += value;
console.log(JSON.stringify({ openMs, oneMs, allMs, openMB, oneMB, allMB, sum } satisfies LoadMeasurement));

async function withPolymath(path: string): Promise<Map<string, () => Promise<Float32Array>>> {
  const { tensors } = await readSafetensors(path);
  return new Map([...tensors].map(([name, tensor]) => [name, () => tensor.toFloat32()]));
}

/** What one writes in a minute: the whole file at once, views on it, a loop for bfloat16. */
async function withReadFile(path: string): Promise<Map<string, () => Promise<Float32Array>>> {
  const { buffer, byteOffset } = await readFile(path);
  const headerBytes = Number(new DataView(buffer, byteOffset).getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(buffer, byteOffset + 8, headerBytes).toString());
  delete header.__metadata__;
  const read = ({ dtype, data_offsets: [begin, end] }: { dtype: string; data_offsets: [number, number] }) => {
    const at = byteOffset + 8 + headerBytes + begin;
    if (dtype === "F32") return new Float32Array(buffer, at, (end - begin) / 4);
    const halves = new Uint16Array(buffer, at, (end - begin) / 2);
    const bits = new Uint32Array(halves.length);
    for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
    return new Float32Array(bits.buffer);
  };
  return new Map(Object.entries<any>(header).map(([name, entry]) => [name, async () => read(entry)]));
}

function peakMB(): number {
  return process.resourceUsage().maxRSS / 1024; // maxRSS is in KiB on every platform
}
