/** Means of figures; of none, 0. */

export const average = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

export const share = (holds: readonly boolean[]): number => average(holds.map(Number));
