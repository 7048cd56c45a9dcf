/**
 * What rate do the executors reach in square float32 products, and what share of the machine's peak is that?
 * (256 to 2048; the peak is the best that ONNX Runtime itself reaches here, in any of these sizes)
 * Expected: native within a tenth of bare ONNX Runtime from 512 on; wasm at about a fifth of it (128-bit vectors
 * against 512).
 * Run: npm run bench -- matmul
 *   on a graphics card: npm run bench -- matmul --peak-gflops <the card's float32 peak>
 */
import { openContender } from "./lib/contender.ts";
import { executors } from "./lib/executors.ts";
import { largestDifference, measurePaired, spread } from "./lib/paired.ts";
import type { Benchmark, Cell, Outcome } from "./lib/report.ts";

const peer = "ONNX Runtime alone";
const program = new URL("./matmul/multiply.ts", import.meta.url);

export const benchmark: Benchmark = {
  name: "matmul",
  question: "What rate do the executors reach in a matrix product, and what share of the machine's peak?",
  async run({ quick, note, peakGflops }) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    const sizes = quick ? [256, 512] : [256, 512, 1024, 2048];
    const rates = new Map<string, Map<number, number>>(); // GFLOP/s by contender and size
    for (const size of sizes) {
      note(`${size} x ${size}`);
      for (const [name, rate] of await ratesAt(size, quick ? 2 : 7, outcome)) {
        if (!rates.has(name)) rates.set(name, new Map());
        rates.get(name)!.set(size, rate);
      }
    }
    const cpuPeak = Math.max(...rates.get(peer)!.values());
    const rows = [...rates].map(([name, bySize]): Cell[] => {
      const peak = name === "webgpu" && peakGflops ? peakGflops : cpuPeak;
      const best = Math.max(...bySize.values());
      return [name, ...sizes.map((size) => bySize.get(size)!), `${((100 * best) / peak).toFixed(0)} %`];
    });
    const columns = ["GFLOP/s", ...sizes.map((size) => `${size}`), "best, share of peak"];
    outcome.tables.push({ title: "Square float32 products, medians", columns, rows });
    outcome.remarks.push(
      `Peak: ${cpuPeak.toFixed(0)} GFLOP/s, the best that ONNX Runtime alone reached in these sizes.`,
    );
    if (peakGflops) outcome.remarks.push(`Peak of the graphics card, as given: ${peakGflops} GFLOP/s.`);
    return outcome;
  },
};

async function ratesAt(size: number, rounds: number, outcome: Outcome): Promise<Map<string, number>> {
  const products = Math.max(2, 4096 / size);
  const args = [`${size}`, `${products}`];
  const contenders = [await openContender(peer, program, [...args, "bare"])];
  try {
    for (const device of await executors())
      contenders.push(await openContender(device, program, args, { POLYMATH_DEVICE: device }));
    const { times, values } = await measurePaired(contenders, { checkSteps: 2, rounds, stepsPerRound: 2 });
    for (const { name } of contenders) {
      const difference = largestDifference(values.get(name)!, values.get(peer)!);
      if (!(difference <= 1e-3)) outcome.failures.push(`${size}, ${name}: the result differs by ${difference}`);
    }
    const flop = products * 2 * size ** 3;
    return new Map(contenders.map(({ name }) => [name, flop / spread(times.get(name)!).median / 1e6]));
  } finally {
    for (const contender of contenders) contender.close();
  }
}
