/** Round numbers for an axis. */

/** Multiples of 1, 2 or 5 times a power of ten inside of [low, high], about `count` of them. */
export function linearTicks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** 1, 2 and 5 in every decade inside of [low, high], both above 0; in a short stretch of one, evenly spaced ones. */
export function logTicks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const all = Array.from({ length: last - first + 1 }, (_, i) =>
    [1, 2, 5].map((factor) => Number((factor * 10 ** (first + i)).toPrecision(12))),
  ).flat();
  const inside = all.filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
  return inside.length < 3 ? linearTicks(low, high, 4) : inside;
}
