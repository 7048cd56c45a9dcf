/** Problems with many right answers, each with a checker of another kind; and numbers that are right to a tolerance. */
import type { Random } from "../../../../core/random.ts";
import type { Family } from "../family.ts";

const raw = String.raw;

/** Arrows that make no circle, as lines of a file with the names shuffled. */
function arrows(random: Random, n: number, m: number): string {
  const names = random.shuffle(Array.from({ length: n }, (_, index) => index + 1));
  const edges = Array.from({ length: m }, () => {
    const u = random.int(0, n - 2);
    return `${names[u]} ${names[random.int(u + 1, n - 1)]}`;
  });
  return `${n} ${m}\n${edges.join("\n")}\n`;
}

export const constructions: Family[] = [
  {
    name: "any-pair",
    title: "Some pair with a sum",
    tags: ["constructive algorithms", "two pointers"],
    statement:
      "The first line has n and t, the second n numbers. Print two different places, from 1, whose numbers have the sum t: any such two, in any order; or -1 if there are none.",
    format: "n:1..N t:2..2*V\na[n]:1..V",
    levels: [
      { N: 8, V: 8 },
      { N: 200, V: 200 },
      { N: 30_000, V: 1e9 },
    ],
    checker: {
      kind: "python",
      source: raw`def check(input, output, answer):
    (n, t), a = (list(map(int, line.split())) for line in input.split("\n")[:2])
    words = output.split()
    if answer.split() == ["-1"]: return words == ["-1"], "there is no pair"
    if len(words) != 2 or not all(w.isdigit() for w in words): return False, "two places are expected"
    i, j = map(int, words)
    if not (1 <= i <= n and 1 <= j <= n) or i == j: return False, "not two different places"
    return a[i - 1] + a[j - 1] == t, "the sum is %d" % (a[i - 1] + a[j - 1])`,
    },
    cpp: raw`int main() { int n = read(); ll t = read(); map<ll, int> seen; for (int i = 1; i <= n; i++) { ll x = read(); auto it = seen.find(t - x);
if (it != seen.end()) { printf("%d %d\n", it->second, i); return 0; } seen[x] = i; } puts("-1"); }`,
    python: raw`n, t = ints(); a = ints(); order = sorted(range(n), key=lambda i: a[i]); i, j = 0, n - 1
while i < j and a[order[i]] + a[order[j]] != t:
    if a[order[i]] + a[order[j]] < t: i += 1
    else: j -= 1
print(*((order[j] + 1, order[i] + 1) if i < j else (-1,)))`,
    brute: raw`n, t = ints(); a = ints()
def find():
    for i in range(n):
        for j in range(i + 1, n):
            if a[i] + a[j] == t: return i + 1, j + 1
    return (-1,)
print(*find())`,
    slowFrom: 3,
    mutants: [
      ["off-by-one", "cpp", "it->second, i)", "it->second - 1, i - 1)"],
      ["missing-case", "cpp", "auto it = seen.find(t - x);", "seen[x] = i; auto it = seen.find(t - x);"],
      ["boundary", "python", "if i < j else", "if i <= j else"],
    ],
    cases: (random, { N, V }) => [
      `3 6\n3 1 1\n`,
      `2 6\n3 3\n`,
      `4 5\n1 4 4 1\n`,
      `${N} ${2 * V!}\n${Array.from({ length: N! }, (_, i) => (i === 0 ? V : random.int(1, V! - 1))).join(" ")}\n`,
    ],
  },
  {
    name: "some-order",
    title: "Some order",
    tags: ["graphs", "constructive algorithms"],
    statement:
      "The first line has n and m, then m lines have u and v: task u comes before task v. Print the tasks 1 to n in any order that keeps this, on one line, or -1 if none does.",
    format: "n:2..N m:1..M\nm * u:1..n v:1..n",
    levels: [
      { N: 7, M: 8 },
      { N: 60, M: 120 },
      { N: 5000, M: 8000 },
    ],
    checker: {
      kind: "testlib",
      program: {
        language: "cpp",
        files: {},
        source: `#include <cstdio>
#include <vector>
int reject(const char* words) { fprintf(stderr, "%s\\n", words); return 1; }
int main(int, char** file) {
  FILE *input = fopen(file[1], "r"), *output = fopen(file[2], "r"), *answer = fopen(file[3], "r");
  int n, m, u, v, first, x;
  if (fscanf(input, "%d %d", &n, &m) != 2 || fscanf(answer, "%d", &first) != 1) return 3;
  std::vector<int> place(n + 1);
  for (int i = 1; i <= n; i++) {
    if (fscanf(output, "%d", &x) != 1) return reject("the order ends early");
    if (first == -1 || x == -1) {
      if (x != first) return reject(first == -1 ? "there is no order" : "there is an order");
      return fscanf(output, "%d", &x) == 1 ? reject("something follows -1") : 0;
    }
    if (x < 1 || x > n || place[x]) return reject("not every task once");
    place[x] = i;
  }
  char rest[2];
  if (fscanf(output, "%1s", rest) == 1) return reject("something follows the order");
  while (m--) {
    if (fscanf(input, "%d %d", &u, &v) != 2) return 3;
    if (place[u] >= place[v]) return reject("a task comes too early");
  }
  return 0;
}
`,
      },
    },
    cpp: raw`int main() { int n = read(), m = read(); vector<vector<int>> next(n + 1); vector<int> in(n + 1), order; while (m--) { int u = read(), v = read(); next[u].push_back(v); in[v]++; }
for (int i = 1; i <= n; i++) if (!in[i]) order.push_back(i);
for (size_t i = 0; i < order.size(); i++) for (int v : next[order[i]]) if (!--in[v]) order.push_back(v);
if ((int)order.size() < n) { puts("-1"); return 0; } for (int x : order) printf("%d ", x); puts(""); }`,
    python: raw`n, m = ints(); after = [[] for _ in range(n + 1)]
for _ in range(m):
    u, v = ints(); after[u].append(v)
state = [0] * (n + 1); order = []; circle = False
for root in range(1, n + 1):
    if state[root]: continue
    state[root] = 1; stack = [(root, iter(after[root]))]
    while stack:
        u, rest = stack[-1]; v = next(rest, None)
        if v is None: stack.pop(); state[u] = 2; order.append(u)
        elif state[v] == 0: state[v] = 1; stack.append((v, iter(after[v])))
        elif state[v] == 1: circle = True
print(*([-1] if circle else order[::-1]))`,
    brute: raw`n, m = ints(); edges = [ints() for _ in range(m)]; left = list(range(1, n + 1)); order = []
while left:
    free = [x for x in left if not any(v == x for u, v in edges)]
    if not free: order = [-1]; break
    x = free[0]; order.append(x); left.remove(x); edges = [e for e in edges if e[0] != x]
print(*order)`,
    slowFrom: 3,
    mutants: [
      ["missing-case", "cpp", 'if ((int)order.size() < n) { puts("-1"); return 0; }', ""],
      ["wrong-order", "python", "order[::-1]", "order"],
      ["off-by-one", "cpp", "for (int i = 1; i <= n; i++) if (!in[i])", "for (int i = 1; i < n; i++) if (!in[i])"],
    ],
    cases: (random, { N, M }) => [
      "2 1\n2 1\n",
      "3 2\n3 2\n2 1\n",
      "2 2\n1 2\n2 1\n",
      "3 1\n2 1\n",
      "2 1\n1 2\n",
      arrows(random, N!, M!),
      arrows(random, N!, M!),
    ],
  },
  {
    name: "equal-halves",
    title: "Equal halves",
    tags: ["constructive algorithms", "math"],
    statement:
      "One line has n. Divide the numbers 1 to n into two groups of equal sums: print the size of one group and, on the next line, its numbers in any order. Print -1 if that is impossible.",
    format: "n:1..N",
    levels: [{ N: 12 }, { N: 120 }, { N: 40_000 }],
    checker: {
      kind: "javascript",
      source: raw`function check(input, output, answer) {
  const n = Number(input), words = output.split(/\s+/).filter(Boolean);
  if (answer.trim() === "-1") return [words.join(" ") === "-1", "it is impossible"];
  if (!words.every((word) => /^\d{1,9}$/.test(word))) return [false, "whole numbers are expected"];
  const [size, ...group] = words.map(Number);
  if (group.length !== size || new Set(group).size !== size) return [false, "not so many different numbers"];
  if (group.some((x) => x < 1 || x > n)) return [false, "a number from elsewhere"];
  return [4 * group.reduce((a, b) => a + b, 0) === n * (n + 1), "the sums differ"];
}`,
    },
    cpp: raw`int main() { ll n = read(), half = n * (n + 1) / 2; if (half % 2) { puts("-1"); return 0; } half /= 2; vector<ll> group;
for (ll x = n; x > 0; x--) if (x <= half) { group.push_back(x); half -= x; }
printf("%d\n", (int)group.size()); for (ll x : group) printf("%lld ", x); puts(""); }`,
    python: raw`n = ints()[0]
if n % 4 in (1, 2): print(-1)
else:
    group = [x for x in range(1, n + 1) if x % 4 in (0, 1)] if n % 4 == 0 else [x for x in range(1, n + 1) if x % 4 in (0, 3)]
    print(len(group)); print(*group)`,
    brute: raw`n = ints()[0]; total = n * (n + 1) // 2
if total % 2: print(-1)
else:
    reach = [None] * (total // 2 + 1); reach[0] = 0
    for x in range(1, n + 1):
        for s in range(total // 2, x - 1, -1):
            if reach[s] is None and reach[s - x] is not None: reach[s] = x
        if reach[-1]: break
    s = total // 2; group = []
    while s: group.append(reach[s]); s -= reach[s]
    print(len(group)); print(*group)`,
    slowFrom: 3,
    mutants: [
      ["missing-case", "cpp", 'if (half % 2) { puts("-1"); return 0; }', ""],
      ["boundary", "cpp", "x <= half", "x < half"],
      ["missing-case", "python", "if n % 4 in (1, 2)", "if n % 4 == 1"],
    ],
    cases: (_, { N }) => [3, 4, 5, 6, 7, 8, N!, N! - 1, N! - 2, N! - 3].map((n) => `${n}\n`),
  },
  {
    name: "far-neighbours",
    title: "Far neighbours",
    tags: ["constructive algorithms"],
    statement:
      "One line has n. Print the numbers 1 to n in any order in which no two neighbours differ by exactly 1, on one line, or -1 if there is none.",
    format: "n:1..N",
    levels: [{ N: 8 }, { N: 500 }, { N: 40_000 }],
    checker: {
      kind: "kattis",
      flags: [],
      program: {
        language: "python",
        files: {},
        source: `import sys
def end(code, words):
    open(sys.argv[3] + "/judgemessage.txt", "w").write(words)
    sys.exit(code)
n = int(open(sys.argv[1]).read()); answer = open(sys.argv[2]).read().split(); words = sys.stdin.read().split()
if answer == ["-1"]: end(42 if words == ["-1"] else 43, "there is none")
if sorted(words) != sorted(map(str, range(1, n + 1))): end(43, "not every number once")
if any(abs(int(a) - int(b)) == 1 for a, b in zip(words, words[1:])): end(43, "neighbours differ by 1")
end(42, "")
`,
      },
    },
    cpp: raw`int main() { int n = read(); if (n == 2 || n == 3) { puts("-1"); return 0; } for (int x = 2; x <= n; x += 2) printf("%d ", x); for (int x = 1; x <= n; x += 2) printf("%d ", x); puts(""); }`,
    python: raw`n = ints()[0]
if n in (2, 3): print(-1)
elif n == 1: print(1)
else:
    odd = list(range(n - 1 + n % 2, 0, -2)); even = list(range(n - n % 2, 0, -2))
    print(*odd, *even)`,
    brute: raw`n = ints()[0]; sys.setrecursionlimit(100000)
def extend(order, left):
    if not left: return order
    for x in sorted(left):
        if not order or abs(order[-1] - x) != 1:
            found = extend(order + [x], left - {x})
            if found: return found
    return None
print(*(extend([], set(range(1, n + 1))) or [-1]))`,
    slowFrom: 3,
    mutants: [
      [
        "missing-case",
        "cpp",
        'if (n == 2 || n == 3) { puts("-1"); return 0; }',
        'if (n == 2) { puts("-1"); return 0; }',
      ],
      [
        "wrong-order",
        "cpp",
        'for (int x = 2; x <= n; x += 2) printf("%d ", x); for (int x = 1; x <= n; x += 2) printf("%d ", x);',
        'for (int x = 1; x <= n; x += 2) printf("%d ", x); for (int x = 2; x <= n; x += 2) printf("%d ", x);',
      ],
      ["off-by-one", "python", "range(n - 1 + n % 2, 0, -2)", "range(n - 1 + n % 2, 1, -2)"],
    ],
    cases: (_, { N }) => [1, 2, 3, 4, 5, 6, N!, N! - 1].map((n) => `${n}\n`),
  },
  {
    name: "mean-deviation",
    title: "Mean and deviation",
    tags: ["math"],
    statement:
      "The first line has n, the second n numbers. Print their mean and their standard deviation (the root of the mean squared distance from the mean), each right to 10^-6, absolute or relative.",
    format: "n:1..N\na[n]:-V..V",
    levels: [
      { N: 8, V: 20 },
      { N: 200, V: 1000 },
      { N: 20_000, V: 1_000_000 },
    ],
    checker: { kind: "float", absolute: 1e-6, relative: 1e-6 },
    cpp: raw`#include <cmath>
int main() { int n = read(); vector<double> a(n); double sum = 0, squares = 0; for (auto& x : a) sum += x = read(); double mean = sum / n;
for (double x : a) squares += (x - mean) * (x - mean); printf("%.9f %.9f\n", mean, sqrt(squares / n)); }`,
    python: raw`n = ints()[0]; a = ints(); s = sum(a); q = sum(x * x for x in a)
print(s / n, ((n * q - s * s) ** 0.5) / n)`,
    brute: raw`from fractions import Fraction
n = ints()[0]; a = ints(); pairs = sum((x - y) ** 2 for x in a for y in a)
print(float(Fraction(sum(a), n)), (float(Fraction(pairs, 2)) ** 0.5) / n)`,
    slowFrom: 3,
    mutants: [
      ["wrong-formula", "cpp", "sqrt(squares / n)", "sqrt(squares / max(1, n - 1))"],
      ["wrong-format", "cpp", "%.9f %.9f", "%.1f %.1f"],
      ["wrong-formula", "python", "s / n, ", "s // n, "],
    ],
    cases: () => ["3\n1 2 4\n", "2\n0 1\n"],
  },
  {
    name: "cubic-root",
    title: "Where the curve crosses",
    tags: ["binary search", "math"],
    statement:
      "The first line has q, the second q numbers. For each c, print the x with x³ + x = c, right to 10^-6, absolute or relative, on a line of its own.",
    format: "q:1..N\nc[q]:-V..V",
    levels: [
      { N: 6, V: 100 },
      { N: 100, V: 1000 },
      { N: 200, V: 1e9 },
    ],
    checker: { kind: "float", absolute: 1e-6, relative: 1e-6 },
    cpp: raw`int main() { int q = read(); while (q--) { double c = read(), low = -2000, high = 2000; for (int i = 0; i < 100; i++) { double x = (low + high) / 2; (x * x * x + x < c ? low : high) = x; } printf("%.9f\n", low); } }`,
    python: raw`q = ints()[0]
for c in ints():
    x = 1000.0 if c > 0 else -1000.0
    for _ in range(60): x -= (x ** 3 + x - c) / (3 * x * x + 1)
    print("%.9f" % x)`,
    brute: raw`q = ints()[0]
for c in ints():
    x = 0.0; step = 1.0 if c > 0 else -1.0
    while abs(step) > 1e-10:
        while (x + step) ** 3 + x + step <= c if step > 0 else (x + step) ** 3 + x + step >= c: x += step
        step /= 2
    print("%.9f" % x)`,
    slowFrom: null,
    mutants: [
      ["missing-case", "cpp", "low = -2000", "low = 0"],
      ["wrong-format", "cpp", "i < 100", "i < 16"],
      ["wrong-formula", "python", "3 * x * x + 1)", "3 * x * x + 1) * 0.05"],
    ],
    cases: (_, { V }) => [`3\n2 10 -30\n`, `2\n${V} -${V}\n`],
  },
];
