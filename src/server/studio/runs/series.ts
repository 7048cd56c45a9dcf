/**
 * A metric over any number of steps in bounded memory: when there are too many points, neighbours are merged and every
 * later point stands for twice as many values. A bucket keeps its last value, and the least and greatest.
 */
import type { MetricSeries } from "./contract.ts";

type Point = MetricSeries["points"][number];

/** Points kept; a chart is a thousand or two pixels wide. */
const maxPoints = 2000;

export class Series {
  readonly #points: Point[] = [];
  /** Values per point, except the last point, which may have fewer. */
  #stride = 1;
  #inLast = 0;
  #count = 0;

  add(step: number, value: number): void {
    const last = this.#points.at(-1);
    if (last && step <= last[0]) this.#dropFrom(step); // a resumed run repeats steps: the later value counts
    this.#count++;
    const open = this.#points.at(-1);
    if (open && this.#inLast < this.#stride) {
      [open[0], open[1]] = [step, value];
      open[2] = Math.min(open[2], value);
      open[3] = Math.max(open[3], value);
      this.#inLast++;
      return;
    }
    if (this.#points.length >= maxPoints) this.#halve();
    this.#points.push([step, value, value, value]);
    this.#inLast = 1;
  }

  toMetric(name: string): MetricSeries {
    return { name, points: this.#points, count: this.#count };
  }

  #dropFrom(step: number): void {
    const from = this.#points.findIndex((point) => point[0] >= step);
    this.#count -= (this.#points.length - from - 1) * this.#stride + this.#inLast;
    this.#points.length = from;
    this.#inLast = this.#stride;
  }

  #halve(): void {
    const merged: Point[] = [];
    for (let i = 0; i < this.#points.length; i += 2) {
      const [first, second] = [this.#points[i]!, this.#points[i + 1]];
      merged.push(
        second ? [second[0], second[1], Math.min(first[2], second[2]), Math.max(first[3], second[3])] : first,
      );
    }
    this.#points.splice(0, this.#points.length, ...merged);
    this.#stride *= 2;
    this.#inLast = this.#stride;
  }
}
