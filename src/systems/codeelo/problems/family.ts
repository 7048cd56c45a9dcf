/**
 * A family of problems: one idea at three sizes, with everything needed to hold a judge to the truth. A family is
 * written as data, so that the catalogue reads as one; format.test.ts and the truth suites hold every entry to it.
 * Source: section 6 of the CodeElo specification, "judge truth test".
 */
import type { Random } from "../../../core/random.ts";
import type { Checker } from "../schemas.ts";

export type Level = 1 | 2 | 3;
export const levels: readonly Level[] = [1, 2, 3];

export interface Family {
  name: string;
  title: string;
  tags: string[];
  /** What the input is and what to print, in a few sentences. */
  statement: string;
  /** See format.ts; upper-case names are the level's constants. */
  format: string;
  /** Constants of levels 1, 2 and 3. Default {N: 8, V: 20}, {N: 200, V: 10^6}, {N: 30,000, V: 10^9}. */
  levels?: Record<string, number>[];
  /** Right, in C++; the prelude includes the headers and `read()`, which reads a whole number. */
  cpp: string;
  /** Right, in Python; `ints()` gives the next line's numbers. */
  python: string;
  /** Right but slow, in Python, by another idea than the reference; too slow from level `slowFrom` on. */
  brute: string;
  /** First level whose tests the brute force cannot pass in time; null where it is fast enough everywhere. */
  slowFrom: Level | null;
  /** Wrong programs, each one change away from a right one. */
  mutants: Mutant[];
  /** A regular expression of the whole input, where the format says too little; then all inputs come from `cases`. */
  pattern?: string;
  /** Inputs that random ones would not find. */
  cases?: (random: Random, constants: Record<string, number>) => string[];
  checker?: Checker;
  /** For interactive families: Python, with arguments input, transcript file, answer, as testlib has them. */
  interactor?: string;
}

/** What is wrong, in which text, and the change: the first occurrence of `from` becomes `to`. */
export type Mutant = readonly [
  fault: Fault,
  language: "cpp" | "python",
  from: string,
  to: string,
  /** First level whose tests must find it. Default 1. */
  level?: Level,
];

export type Fault =
  | "off-by-one"
  | "boundary"
  | "overflow"
  | "wrong-tie"
  | "wrong-order"
  | "wrong-start"
  | "wrong-formula"
  | "missing-case"
  | "wrong-format";

export const defaultLevels: Record<string, number>[] = [
  { N: 8, V: 20 },
  { N: 200, V: 1e6 },
  { N: 30_000, V: 1e9 },
];

export function constantsOf({ levels = defaultLevels }: Family, level: Level): Record<string, number> {
  return levels[level - 1]!;
}

/** Headers and a reader that every C++ program of the catalogue begins with. */
export const cppPrelude = `#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <vector>
using namespace std;
typedef long long ll;
ll read() { ll x; if (scanf("%lld", &x) != 1) exit(9); return x; }
string word() { static char s[1 << 20]; if (scanf("%1048575s", s) != 1) exit(9); return s; }
`;

export const pythonPrelude = `import sys
def ints(): return list(map(int, sys.stdin.readline().split()))
def word(): return sys.stdin.readline().strip()
`;
