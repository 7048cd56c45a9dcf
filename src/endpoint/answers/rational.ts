/**
 * Exact fractions of big integers, and the ways people write one number.
 * Doubles would call 2^53 and 2^53 + 1 the same; two answers that differ in the last digit are different answers.
 */

/** Lowest terms, `denominator > 0`. */
export type Rational = { numerator: bigint; denominator: bigint };

/** A number longer than this (about 1,200 digits) is not computed: nobody's answer, and fractions of such numbers cost time. */
export const maxBits = 4_000;

export function rational(numerator: bigint, denominator = 1n): Rational {
  if (denominator === 0n) throw new RangeError("rational: the denominator is zero");
  const divisor = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, abs(denominator));
  const sign = denominator < 0n ? -1n : 1n;
  return { numerator: (sign * numerator) / divisor, denominator: (sign * denominator) / divisor };
}

export const add = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
export const multiply = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.numerator, a.denominator * b.denominator);
export const negate = (a: Rational): Rational => ({ numerator: -a.numerator, denominator: a.denominator });
export const isZero = (a: Rational): boolean => a.numerator === 0n;
export const equals = (a: Rational, b: Rational): boolean =>
  a.numerator === b.numerator && a.denominator === b.denominator;

/** Null where the result is undefined (0^-1) or longer than `maxBits`. */
export function power(base: Rational, exponent: bigint): Rational | null {
  const times = abs(exponent);
  if (exponent < 0n && isZero(base)) return null;
  if (times > BigInt(maxBits) || BigInt(bitCount(base)) * times > BigInt(maxBits)) return null;
  const top = base.numerator ** times;
  const bottom = base.denominator ** times;
  return exponent < 0n ? rational(bottom, top) : { numerator: top, denominator: bottom };
}

export const bitCount = ({ numerator, denominator }: Rational): number =>
  numerator.toString(16).length * 4 + denominator.toString(16).length * 4;

/** The nearest double; right for long numerators and denominators too, where each alone would overflow. */
export function toNumber({ numerator, denominator }: Rational): number {
  const direct = Number(numerator) / Number(denominator);
  if (Number.isFinite(direct) && direct !== 0) return direct;
  const shift = BigInt(Math.max(0, Math.min(numerator.toString(2).length, denominator.toString(2).length) - 64));
  return Number(numerator >> shift) / Number(denominator >> shift);
}

const unsigned = String.raw`(?:\d{1,3}(?:[, ]\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)`;
const decimal = new RegExp(`^${unsigned}$`);
const scientific = new RegExp(
  String.raw`^(${unsigned}) ?(?:[eE]([+-]?\d{1,4})|\* ?10 ?\^ ?(?:\{([+-]?\d{1,4})\}|([+-]?\d{1,4})))$`,
);
const fraction = new RegExp(String.raw`^(?:(\d+) ?)?\\frac\{([+-]?)(${unsigned})\}\{(${unsigned})\}$`);
const slashed = new RegExp(String.raw`^(?:(\d+) )?(${unsigned}) ?/ ?(${unsigned})$`);
const powerOfTen = /^10 ?\^ ?\{?([+-]?\d{1,4})\}?$/;
const repeating = /^(\d*)\.(\d*)\\overline\{(\d{1,200})\}$/;

/**
 * Reads one number, exactly: 1,000; 1 000; .5; -2.50; 6.7e-5; 6.7*10^{-5}; 3/4; 1 1/2; 1\frac{1}{2}; 0.\overline{3}.
 * @param text as `normalizeAnswer` leaves it
 * @returns null for anything else, so that the caller goes on with units, words and expressions
 */
export function parseNumber(text: string): Rational | null {
  if (text.length > 4_000) return null;
  const signs = /^[+-]? ?/.exec(text)![0];
  const body = text.slice(signs.length);
  const value = parseUnsigned(body);
  return value && signs.startsWith("-") ? negate(value) : value;
}

function parseUnsigned(text: string): Rational | null {
  if (decimal.test(text)) return parseDecimal(text);
  const exponent = powerOfTen.exec(text);
  if (exponent) return scale(rational(1n), exponent[1]!);
  const inScience = scientific.exec(text);
  if (inScience) return scale(parseDecimal(inScience[1]!), inScience[2] ?? inScience[3] ?? inScience[4]!);
  const inFraction = fraction.exec(text);
  if (inFraction) {
    const [, whole, sign, top, bottom] = inFraction;
    if (whole && sign) return null;
    const part = divide(parseDecimal(top!), parseDecimal(bottom!));
    return part && withWhole(whole, sign === "-" ? negate(part) : part);
  }
  const inSlashes = slashed.exec(text);
  if (inSlashes) {
    const part = divide(parseDecimal(inSlashes[2]!), parseDecimal(inSlashes[3]!));
    return part && withWhole(inSlashes[1], part);
  }
  const inRepeats = repeating.exec(text);
  if (inRepeats) {
    const [, whole, start, period] = inRepeats;
    const ninths = 10n ** BigInt(start!.length) * (10n ** BigInt(period!.length) - 1n);
    return add(parseDecimal(`${whole || "0"}.${start}`), rational(BigInt(period!), ninths));
  }
  return null;
}

function parseDecimal(text: string): Rational {
  const [whole = "", part = ""] = text.replace(/[, ]/g, "").split(".");
  return rational(BigInt(whole + part || "0"), 10n ** BigInt(part.length));
}

const scale = (value: Rational, exponent: string): Rational | null => {
  const factor = power(rational(10n), BigInt(exponent));
  return factor && multiply(value, factor);
};

const withWhole = (whole: string | undefined, part: Rational): Rational =>
  whole === undefined ? part : add(rational(BigInt(whole)), part);

/** Null where `b` is zero. */
export const divide = (a: Rational, b: Rational): Rational | null =>
  isZero(b) ? null : rational(a.numerator * b.denominator, a.denominator * b.numerator);

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [high, low] = [a, b];
  while (low !== 0n) [high, low] = [low, high % low];
  return high === 0n ? 1n : high;
}
