/**
 * Solvers of dx/dt = v(x, t). The state lives on the host: it is a few thousand numbers beside the millions of
 * multiplications of one look at the model, and the arithmetic is then the same on every executor.
 */

/** Float32 for models; Float64 where the order of a solver is measured. */
export type State = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/**
 * @param x must not be written into
 * @returns of the length of `x`; the solver may keep but not change it
 */
export type Velocity = (x: State, time: number) => Promise<State> | State;

export interface SolveOptions {
  velocity: Velocity;
  /** Where to begin; not changed. */
  from: State;
  /** Called after each step. */
  onStep?(done: number, of: number): void;
  /** Ends between two steps, with its reason. */
  signal?: AbortSignal;
}

/** x + Σ factor · direction, into a new state. */
export function advance(x: State, ...terms: readonly (readonly [factor: number, direction: State])[]): State {
  const next = x.slice();
  for (const [factor, direction] of terms) {
    if (factor === 0) continue;
    for (let i = 0; i < next.length; i++) next[i]! += factor * direction[i]!;
  }
  return next;
}

/** Order 1: one look per step. */
export async function euler(grid: Float64Array, options: SolveOptions): Promise<State> {
  return overGrid(grid, options, async (x, t, dt) => advance(x, [dt, await options.velocity(x, t)]));
}

/** Order 2 (Heun 1900, the explicit trapezoidal rule): two looks per step. */
export async function heun(grid: Float64Array, options: SolveOptions): Promise<State> {
  return overGrid(grid, options, async (x, t, dt) => {
    const first = await options.velocity(x, t);
    const second = await options.velocity(advance(x, [dt, first]), t + dt);
    return advance(x, [dt / 2, first], [dt / 2, second]);
  });
}

async function overGrid(
  grid: Float64Array,
  { from, onStep, signal }: SolveOptions,
  step: (x: State, t: number, dt: number) => Promise<State>,
): Promise<State> {
  let x = from;
  for (let i = 0; i + 1 < grid.length; i++) {
    signal?.throwIfAborted();
    x = await step(x, grid[i]!, grid[i + 1]! - grid[i]!);
    onStep?.(i + 1, grid.length - 1);
  }
  return x;
}
