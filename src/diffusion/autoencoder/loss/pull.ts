/** A typed `vjp` whose function only borrows its arguments, as layers do. */
import { type numpy as np, numpy, tree, vjp } from "@jax-js/jax";

/**
 * Runs `fn` and returns its value with the way back: from the gradient at the value to those at each argument. The way
 * back may be gone several times.
 * @param fn borrows its arguments; what it closes over has no gradient
 * @param args consumed
 */
export function pull<Args extends any[], Value>(
  fn: (...args: Args) => Value,
  args: Args,
): [value: Value, back: (cotangent: Value) => Args] {
  const owning = (...inputs: Args) => {
    const value = fn(...inputs);
    tree.dispose(inputs as any);
    return value;
  };
  return vjp(owning as any, args as any) as unknown as [Value, (cotangent: Value) => Args];
}

/**
 * As `pull` for a function that also returns numbers to report, which have no way back. (jax-js 0.1.25 cannot
 * differentiate a function one of whose results is computed from another.)
 */
export function pullWithReport<Args extends any[], Value, Report>(
  fn: (...args: Args) => [Value, Report],
  args: Args,
): [value: Value, back: (cotangent: Value) => Args, report: Report] {
  const owning = (...inputs: Args) => {
    const results = fn(...inputs);
    tree.dispose(inputs as any);
    return results;
  };
  return vjp(owning as any, args as any, { hasAux: true }) as unknown as [Value, (cotangent: Value) => Args, Report];
}

/** Euclidean norm; x is consumed. */
export function normOf(x: np.Array): np.Array {
  return numpy.sqrt(numpy.square(x).sum());
}
