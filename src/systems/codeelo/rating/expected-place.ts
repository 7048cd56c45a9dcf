/**
 * Elo's curve: who beats whom how often, and from a field's ratings the place that a player can expect.
 * Source: Quan et al. 2025, arXiv 2501.01257, section 3.3; Codeforces's open rating system.
 */

/** The probability that a player of rating `a` finishes before one of rating `b`. */
export function winProbability(a: number, b: number): number {
  return 1 / (1 + 10 ** ((b - a) / 400));
}

/** How many of the field are expected to finish before a player of rating `x`: 0 to the size of the field. */
export function expectedAhead(x: number, field: readonly number[]): number {
  return field.reduce((sum, rating) => sum + winProbability(rating, x), 0);
}

/** The slope of `expectedAhead` at `x`, per rating point; negative. */
export function expectedAheadSlope(x: number, field: readonly number[]): number {
  const scale = Math.LN10 / 400;
  return -scale * field.reduce((sum, rating) => sum + winProbability(rating, x) * winProbability(x, rating), 0);
}

/**
 * The rating at which `expectedAhead` is `ahead`: Newton's steps, kept inside a bracket by bisection.
 * @throws RangeError unless 0 < ahead < field size: outside no rating fits
 */
export function ratingWithAhead(ahead: number, field: readonly number[]): number {
  if (!(ahead > 0 && ahead < field.length)) {
    throw new RangeError(`ratingWithAhead: ${ahead} of a field of ${field.length} is reached by no rating`);
  }
  let [low, high] = [-20_000, 20_000]; // beyond, probabilities round to 0 and 1
  let x = field.reduce((sum, rating) => sum + rating, 0) / field.length;
  for (let step = 0; step < 200; step++) {
    const excess = expectedAhead(x, field) - ahead;
    if (Math.abs(excess) < 1e-10 * field.length) return x;
    if (excess > 0) low = x;
    else high = x;
    const newton = x - excess / expectedAheadSlope(x, field);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (next === x) return x;
    x = next;
  }
  return x;
}
