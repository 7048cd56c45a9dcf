/**
 * Eigenvalues and eigenvectors of a symmetric matrix: Householder reduction to tridiagonal form, then implicit QL.
 * Source: Bowdler, Martin, Reinsch and Wilkinson 1968 (tred2, tql2), in the form of EISPACK and JAMA.
 */
import { PolymathError } from "../../core/errors.ts";

export interface Eigen {
  /** Ascending. */
  values: Float64Array;
  /** Column k belongs to values[k]: [n, n], row by row. */
  vectors: Float64Array;
}

/** @param matrix symmetric, [n, n]; it is not changed */
export function eigenSymmetric(matrix: Float64Array, n: number): Eigen {
  const v = matrix.slice();
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  tridiagonalise(v, d, e, n);
  diagonalise(v, d, e, n);
  const order = Array.from({ length: n }, (_, k) => k).sort((a, b) => d[a]! - d[b]!);
  const values = Float64Array.from(order, (k) => d[k]!);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (const [to, from] of order.entries()) vectors[i * n + to] = v[i * n + from]!;
  return { values, vectors };
}

/** V becomes the orthogonal transformation, d the diagonal and e the subdiagonal (e[0] unused). */
function tridiagonalise(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) d[j] = v[(n - 1) * n + j]!;
  for (let i = n - 1; i > 0; i--) {
    let scale = 0;
    for (let k = 0; k < i; k++) scale += Math.abs(d[k]!);
    let h = 0;
    if (scale === 0) {
      e[i] = d[i - 1]!;
      for (let j = 0; j < i; j++) {
        d[j] = v[(i - 1) * n + j]!;
        v[i * n + j] = 0;
        v[j * n + i] = 0;
      }
    } else {
      for (let k = 0; k < i; k++) {
        d[k]! /= scale;
        h += d[k]! * d[k]!;
      }
      const f = d[i - 1]!;
      const g = f > 0 ? -Math.sqrt(h) : Math.sqrt(h);
      e[i] = scale * g;
      h -= f * g;
      d[i - 1] = f - g;
      e.fill(0, 0, i);
      for (let j = 0; j < i; j++) {
        const fj = d[j]!;
        v[j * n + i] = fj;
        let sum = e[j]! + v[j * n + j]! * fj;
        for (let k = j + 1; k < i; k++) {
          sum += v[k * n + j]! * d[k]!;
          e[k]! += v[k * n + j]! * fj;
        }
        e[j] = sum;
      }
      let dot = 0;
      for (let j = 0; j < i; j++) {
        e[j]! /= h;
        dot += e[j]! * d[j]!;
      }
      const hh = dot / (h + h);
      for (let j = 0; j < i; j++) e[j]! -= hh * d[j]!;
      for (let j = 0; j < i; j++) {
        const [fj, gj] = [d[j]!, e[j]!];
        for (let k = j; k < i; k++) v[k * n + j]! -= fj * e[k]! + gj * d[k]!;
        d[j] = v[(i - 1) * n + j]!;
        v[i * n + j] = 0;
      }
    }
    d[i] = h;
  }
  for (let i = 0; i < n - 1; i++) {
    v[(n - 1) * n + i] = v[i * n + i]!;
    v[i * n + i] = 1;
    const h = d[i + 1]!;
    if (h !== 0) {
      for (let k = 0; k <= i; k++) d[k] = v[k * n + i + 1]! / h;
      for (let j = 0; j <= i; j++) {
        let g = 0;
        for (let k = 0; k <= i; k++) g += v[k * n + i + 1]! * v[k * n + j]!;
        for (let k = 0; k <= i; k++) v[k * n + j]! -= g * d[k]!;
      }
    }
    for (let k = 0; k <= i; k++) v[k * n + i + 1] = 0;
  }
  for (let j = 0; j < n; j++) {
    d[j] = v[(n - 1) * n + j]!;
    v[(n - 1) * n + j] = 0;
  }
  v[n * n - 1] = 1;
  e[0] = 0;
}

/** Sweeps per eigenvalue; two or three are usual. */
const sweepLimit = 60;

function diagonalise(v: Float64Array, d: Float64Array, e: Float64Array, n: number): void {
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  let [shift, largest] = [0, 0];
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]!) + Math.abs(e[l]!));
    let m = l;
    while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * largest) m++;
    for (let sweep = 0; m > l && (sweep === 0 || Math.abs(e[l]!) > Number.EPSILON * largest); sweep++) {
      if (sweep === sweepLimit)
        throw new PolymathError(
          "FAULT",
          `eigenSymmetric: eigenvalue ${l} of ${n} did not converge in ${sweepLimit} sweeps`,
        );
      shift += qlSweep(v, d, e, n, l, m);
    }
    d[l]! += shift;
    e[l] = 0;
  }
}

/** One implicit QL sweep over rows l..m. @returns what was taken off the diagonal */
function qlSweep(v: Float64Array, d: Float64Array, e: Float64Array, n: number, l: number, m: number): number {
  const g = d[l]!;
  let p = (d[l + 1]! - g) / (2 * e[l]!);
  const r = p < 0 ? -Math.hypot(p, 1) : Math.hypot(p, 1);
  d[l] = e[l]! / (p + r);
  d[l + 1] = e[l]! * (p + r);
  const next = d[l + 1]!;
  const h = g - d[l]!;
  for (let i = l + 2; i < n; i++) d[i]! -= h;
  p = d[m]!;
  let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0];
  const el1 = e[l + 1]!;
  for (let i = m - 1; i >= l; i--) {
    c3 = c2;
    c2 = c;
    s2 = s;
    const gi = c * e[i]!;
    const hi = c * p;
    const ri = Math.hypot(p, e[i]!);
    e[i + 1] = s * ri;
    s = e[i]! / ri;
    c = p / ri;
    p = c * d[i]! - s * gi;
    d[i + 1] = hi + s * (c * gi + s * d[i]!);
    for (let k = 0; k < n; k++) {
      const row = k * n + i;
      const right = v[row + 1]!;
      v[row + 1] = s * v[row]! + c * right;
      v[row] = c * v[row]! - s * right;
    }
  }
  p = (-s * s2 * c3 * el1 * e[l]!) / next;
  e[l] = s * p;
  d[l] = c * p;
  return h;
}
