/** Figures as people read them, in reports and on the terminal. */

/** Four significant digits, thousands separated; text as it is. */
export function formatNumber(value: number | string): string {
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "n/a" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e12)) return value.toExponential(2).replace("-", "−");
  if (size === 0) return "0"; // also for -0, which rounding leaves behind
  const digits = Number.isInteger(value) ? 0 : Math.max(0, 3 - Math.floor(Math.log10(size)));
  return value.toLocaleString("en-US", { maximumFractionDigits: Math.min(digits, 8) }).replace("-", "−");
}

/** `38.2 (35.1 to 41)`; the bounds are left out where there are none. */
export function formatInterval(value: number | string, bounds?: readonly [number, number] | null, unit = ""): string {
  const suffix = unit && (unit === "%" ? "%" : ` ${unit}`);
  const text = `${formatNumber(value)}${suffix}`;
  return bounds ? `${text} (${formatNumber(bounds[0])} to ${formatNumber(bounds[1])})` : text;
}
