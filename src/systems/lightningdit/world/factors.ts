/** What a mark is made of, and how the factors are drawn. Lengths are shares of the picture's side, angles radians. */
import type { Random } from "../../../core/random.ts";

export const shapes = ["disc", "square", "triangle", "cross"] as const;
export const palettes = ["ember", "meadow", "ocean"] as const;

/** "disc ember", "disc meadow", …: label = shape · 3 + palette. */
export const markClassNames: readonly string[] = shapes.flatMap((shape) => palettes.map((name) => `${shape} ${name}`));

export interface MarkFactors {
  /** Index into `shapes`. */
  shape: number;
  /** Index into `palettes`. */
  palette: number;
  /** Centre of the figure, from 0 (left, top) to 1. */
  x: number;
  y: number;
  /** Half the figure's extent. */
  size: number;
  rotation: number;
  /** Stripes across the picture's side. */
  frequency: number;
  phase: number;
  stripeAngle: number;
  /** Added to red, green and blue of the figure, in [-1, 1] units of the picture. */
  tint: readonly [number, number, number];
  /** Brightness of the ground and how far it changes from one side to the other. */
  ground: number;
  slope: number;
  slopeAngle: number;
  /** Standard deviation of the blocks of noise. */
  noise: number;
}

export function sampleFactors(rng: Random): MarkFactors {
  const between = (low: number, high: number) => low + (high - low) * rng.next();
  const turn = () => between(0, 2 * Math.PI);
  return {
    shape: rng.int(0, shapes.length - 1),
    palette: rng.int(0, palettes.length - 1),
    x: between(0.34, 0.66),
    y: between(0.34, 0.66),
    size: between(0.22, 0.34),
    rotation: between(-0.4, 0.4), // far enough to matter, not so far that small nets cannot learn shapes in a minute
    frequency: between(2.5, 6),
    phase: turn(),
    stripeAngle: turn(),
    tint: [between(-0.2, 0.2), between(-0.2, 0.2), between(-0.2, 0.2)],
    ground: between(-0.6, 0.2),
    slope: between(0, 0.5),
    slopeAngle: turn(),
    noise: between(0.02, 0.12),
  };
}

export function labelOf({ shape, palette }: MarkFactors): number {
  return shape * palettes.length + palette;
}
