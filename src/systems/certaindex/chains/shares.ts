/** Means of figures. */

export const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const share = (holds: readonly boolean[]): number => average(holds.map(Number));
