/** An estimate and how sure it is. */
export interface Interval {
  /** The estimate itself. */
  value: number;
  low: number;
  high: number;
  /** The share of such intervals that hold the truth, e.g. 0.95. */
  level: number;
}
