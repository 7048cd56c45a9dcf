/** Shape checks that name the argument, the axes wanted and the shape found. */
import { ShapeError } from "../core/errors.ts";

type Shaped = { readonly shape: readonly number[] };

/** An axis is a name (any size) or a `[name, size]` pair. */
export type Axis = string | readonly [name: string, size: number];

/**
 * Checks the number of axes, and the sizes of those given as pairs.
 * @param label what is checked, e.g. "attention: x"
 * @returns the sizes in order
 * @throws ShapeError `attention: x: expected [batch, seq, dim = 64], got [2, 2]`
 */
export function expectAxes<const Axes extends readonly Axis[]>(
  label: string,
  { shape }: Shaped,
  axes: Axes,
): { -readonly [K in keyof Axes]: number } {
  const fits =
    shape.length === axes.length && axes.every((axis, i) => typeof axis === "string" || axis[1] === shape[i]);
  if (!fits) throw new ShapeError(`${label}: expected [${describe(axes)}], got [${shape.join(", ")}]`);
  return [...shape] as { -readonly [K in keyof Axes]: number };
}

/**
 * Like `expectAxes` for the last axes only; any number of axes may stand before them.
 * @returns the sizes of the axes before, then those of `axes`
 */
export function expectLastAxes(label: string, { shape }: Shaped, axes: readonly Axis[]): [number[], number[]] {
  const last = shape.slice(shape.length - axes.length);
  const fits = shape.length >= axes.length && axes.every((axis, i) => typeof axis === "string" || axis[1] === last[i]);
  if (!fits) throw new ShapeError(`${label}: expected [..., ${describe(axes)}], got [${shape.join(", ")}]`);
  return [shape.slice(0, shape.length - axes.length), last];
}

function describe(axes: readonly Axis[]): string {
  return axes.map((axis) => (typeof axis === "string" ? axis : `${axis[0]} = ${axis[1]}`)).join(", ");
}
