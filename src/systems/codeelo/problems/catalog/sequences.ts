/** Sums, windows and counts over a list of numbers. */
import type { Family } from "../family.ts";

const raw = String.raw;

export const sequences: Family[] = [
  {
    name: "range-sums",
    title: "Sums of ranges",
    tags: ["data structures", "implementation"],
    statement:
      "The first line has n and q, the second n numbers, then q lines have l and r. For each, print the sum of the numbers from place l to place r, counted from 1.",
    format: "n:1..N q:1..N\na[n]:-V..V\nq * l:1..n r:l..n",
    cpp: raw`int main() { int n = read(), q = read(); vector<ll> s(n + 1);
for (int i = 1; i <= n; i++) s[i] = s[i - 1] + read();
while (q--) { int l = read(), r = read(); printf("%lld\n", (ll)(s[r] - s[l - 1])); } }`,
    python: raw`n, q = ints(); s = [0]
for x in ints(): s.append(s[-1] + x)
for _ in range(q):
    l, r = ints(); print(s[r] - s[l - 1])`,
    brute: raw`n, q = ints(); a = ints()
for _ in range(q):
    l, r = ints(); total = 0
    for i in range(l - 1, r): total += a[i]
    print(total)`,
    slowFrom: 3,
    mutants: [
      ["off-by-one", "cpp", "s[l - 1]", "s[l]"],
      ["overflow", "cpp", "vector<ll> s", "vector<int> s", 3],
      ["boundary", "python", "s[r] - s[l - 1]", "s[r - 1] - s[l - 1]"],
      ["wrong-formula", "python", "s.append(s[-1] + x)", "s.append(max(0, s[-1] + x))"],
    ],
  },
  {
    name: "best-segment",
    title: "The best segment",
    tags: ["dp", "greedy"],
    statement:
      "The first line has n, the second n numbers. Print the largest sum of a non-empty segment of neighbouring numbers.",
    format: "n:1..N\na[n]:-V..V",
    cpp: raw`int main() { int n = read(); ll best = -4e18, here = 0;
for (int i = 0; i < n; i++) { ll x = read(); here = max(here + x, x); best = max(best, here); }
printf("%lld\n", best); }`,
    python: raw`n = ints()[0]; best = None; here = 0
for x in ints():
    here = max(here + x, x)
    best = here if best is None else max(best, here)
print(best)`,
    brute: raw`n = ints()[0]; a = ints(); best = a[0]
for i in range(n):
    total = 0
    for j in range(i, n):
        total += a[j]
        if total > best: best = total
print(best)`,
    slowFrom: 3,
    mutants: [
      ["missing-case", "cpp", "best = -4e18", "best = 0"],
      ["overflow", "cpp", "ll best = -4e18, here = 0", "int best = -2e9, here = 0", 3],
      ["wrong-formula", "python", "max(here + x, x)", "max(here + x, 0)"],
      ["off-by-one", "cpp", "i < n;", "i < n - 1;"],
    ],
    cases: (random, { N, V }) => {
      const line = (values: number[]) => `${values.length}\n${values.join(" ")}\n`;
      const some = (low: number, high: number) => Array.from({ length: N! }, () => random.int(low, high));
      return [line(some(-V!, -1)), line([...some(-V!, 0).slice(0, -1), V!]), line(some(Math.floor(V! / 2), V!))];
    },
  },
  {
    name: "pairs-with-sum",
    title: "Pairs with a sum",
    tags: ["two pointers", "sortings"],
    statement:
      "The first line has n and t, the second n numbers. Print how many pairs of places i < j hold numbers whose sum is t.",
    format: "n:1..N t:2..2*V\na[n]:1..V",
    levels: [
      { N: 8, V: 5 },
      { N: 200, V: 40 },
      { N: 30_000, V: 3000 },
    ],
    cpp: raw`int main() { int n = read(), t = read(); map<int, int> seen; ll pairs = 0;
for (int i = 0; i < n; i++) { int x = read(); auto it = seen.find(t - x); if (it != seen.end()) pairs += it->second; seen[x]++; }
printf("%lld\n", pairs); }`,
    python: raw`n, t = ints(); seen = {}; pairs = 0
for x in ints():
    pairs += seen.get(t - x, 0)
    seen[x] = seen.get(x, 0) + 1
print(pairs)`,
    brute: raw`n, t = ints(); a = ints(); pairs = 0
for i in range(n):
    for j in range(i):
        if a[i] + a[j] == t: pairs += 1
print(pairs)`,
    slowFrom: 3,
    mutants: [
      ["wrong-formula", "cpp", "pairs += it->second", "pairs++"],
      [
        "wrong-order",
        "python",
        "    pairs += seen.get(t - x, 0)\n    seen[x] = seen.get(x, 0) + 1",
        "    seen[x] = seen.get(x, 0) + 1\n    pairs += seen.get(t - x, 0)",
      ],
      ["missing-case", "cpp", "if (it != seen.end())", "if (it != seen.end() && t != 2 * x)"],
    ],
    cases: (_, { N, V }) => [
      `${N} ${V! - (V! % 2)}\n${Array(N)
        .fill(Math.floor(V! / 2))
        .join(" ")}\n`,
      `${N} ${V! + 1}\n${Array.from({ length: N! }, (_, i) => (i % 2 ? 1 : V)).join(" ")}\n`,
    ],
  },
  {
    name: "longest-run",
    title: "The longest run",
    tags: ["implementation"],
    statement:
      "The first line has n, the second n numbers. Print the length of the longest run of equal neighbours, and the number it repeats; of several longest runs, the first.",
    format: "n:1..N\na[n]:0..V",
    levels: [
      { N: 8, V: 3 },
      { N: 200, V: 3 },
      { N: 30_000, V: 3 },
    ],
    cpp: raw`int main() { int n = read(), last = -1, run = 0, best = 0, what = -1;
for (int i = 0; i < n; i++) { int x = read(); run = x == last ? run + 1 : 1; last = x; if (run > best) { best = run; what = x; } }
printf("%d %d\n", best, what); }`,
    python: raw`n = ints()[0]; best = run = 0; last = what = -1
for x in ints():
    run = run + 1 if x == last else 1
    last = x
    if run > best: best, what = run, x
print(best, what)`,
    brute: raw`n = ints()[0]; a = ints(); best = (0, 0)
for i in range(n):
    for j in range(i, n):
        if any(x != a[i] for x in a[i:j + 1]): break
        if j - i + 1 > best[0]: best = (j - i + 1, a[i])
print(*best)`,
    slowFrom: 3,
    mutants: [
      ["wrong-tie", "cpp", "run > best", "run >= best"],
      ["wrong-start", "python", "else 1\n", "else 0\n"],
      ["wrong-formula", "cpp", "run + 1 : 1", "run + 1 : run"],
    ],
    cases: (_, { N }) => [
      "4\n1 1 2 2\n",
      "4\n2 2 1 1\n",
      `${N}\n${Array.from({ length: N! }, (_, i) => i % 2).join(" ")}\n`,
    ],
  },
  {
    name: "second-largest",
    title: "Second place",
    tags: ["sortings", "implementation"],
    statement:
      "The first line has n, the second n numbers. Print the second largest of the different numbers among them, or -1 if all are equal.",
    format: "n:1..N\na[n]:0..V",
    cpp: raw`int main() { int n = read(); ll first = -1, second = -1;
for (int i = 0; i < n; i++) { ll x = read(); if (x > first) { second = first; first = x; } else if (x < first && x > second) second = x; }
printf("%lld\n", second); }`,
    python: raw`n = ints()[0]; a = sorted(set(ints()))
print(a[-2] if len(a) > 1 else -1)`,
    brute: raw`n = ints()[0]; a = ints()
top = max(a); rest = [x for x in a if x != top]
print(max(rest) if rest else -1)`,
    slowFrom: null,
    mutants: [
      ["missing-case", "cpp", "x < first && x > second", "x > second"],
      ["wrong-order", "cpp", "second = first; first = x;", "first = x;"],
      ["wrong-formula", "python", "sorted(set(ints()))", "sorted(ints())"],
    ],
    cases: () => ["3\n5 5 2\n", "4\n1 2 3 4\n", "2\n7 7\n", "3\n0 9 0\n"],
  },
  {
    name: "inversions",
    title: "Inversions",
    tags: ["data structures", "sortings"],
    statement:
      "The first line has n, the second n numbers. Print the number of pairs of places i < j where the number at i is greater than the one at j.",
    format: "n:1..N\na[n]:1..V",
    levels: [
      { N: 8, V: 8 },
      { N: 200, V: 200 },
      { N: 20_000, V: 20_000 },
    ],
    cpp: raw`int main() { int n = read(), size = 20001; vector<int> tree(size + 1); ll count = 0;
for (int i = 0; i < n; i++) { int x = read(); int lower = 0; for (int j = x; j > 0; j -= j & -j) lower += tree[j];
count += i - lower; for (int j = x; j <= size; j += j & -j) tree[j]++; }
printf("%lld\n", count); }`,
    python: raw`from bisect import bisect_right, insort
n = ints()[0]; seen = []; count = 0
for x in ints():
    count += len(seen) - bisect_right(seen, x)
    insort(seen, x)
print(count)`,
    brute: raw`n = ints()[0]; a = ints(); count = 0
for i in range(n):
    for j in range(i + 1, n):
        if a[i] > a[j]: count += 1
print(count)`,
    slowFrom: 3,
    mutants: [
      ["wrong-tie", "cpp", "for (int j = x; j > 0", "for (int j = x - 1; j > 0"],
      ["off-by-one", "cpp", "count += i - lower", "count += i - lower - (i > 0 && i == n - 1)"],
      ["wrong-tie", "python", "len(seen) - bisect_right(seen, x)", "len(seen) - bisect_right(seen, x - 1)"],
    ],
  },
  {
    name: "window-minimum",
    title: "Lowest in each window",
    tags: ["data structures", "two pointers"],
    statement:
      "The first line has n and w, the second n numbers. For each window of w neighbours, from left to right, print its smallest number, all on one line.",
    format: "n:1..N w:1..n\na[n]:-V..V",
    cpp: raw`int main() { int n = read(), w = read(); vector<ll> a(n); deque<int> d;
for (int i = 0; i < n; i++) { a[i] = read(); while (!d.empty() && a[d.back()] >= a[i]) d.pop_back(); d.push_back(i);
if (d.front() <= i - w) d.pop_front(); if (i >= w - 1) printf("%lld ", a[d.front()]); } puts(""); }`,
    python: raw`from collections import deque
n, w = ints(); a = ints(); d = deque(); out = []
for i, x in enumerate(a):
    while d and a[d[-1]] >= x: d.pop()
    d.append(i)
    if d[0] <= i - w: d.popleft()
    if i >= w - 1: out.append(a[d[0]])
print(*out)`,
    brute: raw`n, w = ints(); a = ints(); out = []
for i in range(n - w + 1):
    low = a[i]
    for x in a[i:i + w]:
        if x < low: low = x
    out.append(low)
print(*out)`,
    slowFrom: 3,
    mutants: [
      ["off-by-one", "cpp", "d.front() <= i - w", "d.front() < i - w"],
      ["off-by-one", "python", "i >= w - 1", "i >= w"],
      ["wrong-order", "cpp", "a[d.back()] >= a[i]", "a[d.back()] <= a[i]"],
    ],
    cases: (random, { N, V }) => {
      const w = Math.max(2, Math.floor(N! / 2)); // half of the list: the brute force is at its slowest
      const a = Array.from({ length: N! }, () => random.int(-V!, V!));
      return [`${N} ${w}\n${a.join(" ")}\n`, `${N} 2\n${a.toSorted((x, y) => x - y).join(" ")}\n`];
    },
  },
  {
    name: "most-frequent",
    title: "The most frequent",
    tags: ["implementation", "sortings"],
    statement:
      "The first line has n, the second n numbers. Print the number that occurs most often; of several, the smallest.",
    format: "n:1..N\na[n]:1..V",
    levels: [
      { N: 8, V: 4 },
      { N: 200, V: 50 },
      { N: 30_000, V: 20_000 },
    ],
    cpp: raw`int main() { int n = read(); map<int, int> count; while (n--) count[read()]++;
int best = 0, what = 0; for (auto [x, c] : count) if (c > best) { best = c; what = x; }
printf("%d\n", what); }`,
    python: raw`from collections import Counter
n = ints()[0]; count = Counter(ints())
print(min(count, key=lambda x: (-count[x], x)))`,
    brute: raw`n = ints()[0]; a = ints(); best = (0, 0)
for x in a:
    c = 0
    for y in a:
        if x == y: c += 1
    if (c, -x) > best or best == (0, 0): best = (c, -x)
print(-best[1])`,
    slowFrom: 3,
    mutants: [
      ["wrong-tie", "cpp", "c > best", "c >= best"],
      ["wrong-tie", "python", "key=lambda x: (-count[x], x)", "key=lambda x: -count[x]"],
      ["off-by-one", "cpp", "while (n--)", "while (--n)"],
    ],
    cases: () => ["4\n3 1 3 1\n", "4\n2 2 1 1\n", "1\n4\n", "3\n2 3 3\n", "3\n3 2 2\n"],
  },
];
