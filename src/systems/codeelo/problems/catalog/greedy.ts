/** Intervals, orders and choices that need no second thought. */
import type { Family } from "../family.ts";

const raw = String.raw;
const lines = (rows: (number | string)[][]) => `${[[rows.length], ...rows].map((row) => row.join(" ")).join("\n")}\n`;

export const greedy: Family[] = [
  {
    name: "most-meetings",
    title: "As many meetings as possible",
    tags: ["greedy", "sortings"],
    statement:
      "The first line has n, then n lines have a start s and a length d of a meeting, which ends at s + d. Print how many meetings one room can hold at most; one may start when another ends.",
    format: "n:1..N\nn * s:0..V d:1..V",
    levels: [
      { N: 8, V: 12 },
      { N: 150, V: 1000 },
      { N: 30_000, V: 1e9 },
    ],
    cpp: raw`int main() { int n = read(); vector<pair<ll, ll>> a(n); for (auto& [e, s] : a) { s = read(); e = s + read(); } sort(a.begin(), a.end());
ll end = 0; int count = 0; for (auto [e, s] : a) if (s >= end) { end = e; count++; } printf("%d\n", count); }`,
    python: raw`a = []
for _ in range(ints()[0]):
    s, d = ints(); a.append((s + d, s))
end = count = 0
for e, s in sorted(a):
    if s >= end: end = e; count += 1
print(count)`,
    brute: raw`a = []
for _ in range(ints()[0]):
    s, d = ints(); a.append((s, s + d))
a.sort(); n = len(a); best = [0] * (n + 1)
for i in range(n - 1, -1, -1):
    j = i + 1
    while j < n and a[j][0] < a[i][1]: j += 1
    best[i] = max(best[i + 1], 1 + best[j])
print(best[0])`,
    slowFrom: 3,
    mutants: [
      ["boundary", "cpp", "if (s >= end)", "if (s > end)"],
      [
        "wrong-order",
        "cpp",
        "sort(a.begin(), a.end());",
        "sort(a.begin(), a.end(), [](auto& x, auto& y) { return x.second < y.second; });",
      ],
      ["wrong-order", "python", "sorted(a)", "sorted(a, key=lambda m: m[0] - m[1])"],
    ],
    cases: (_, { N, V }) => [
      lines([
        [0, 5],
        [5, 5],
        [10, 2],
      ]),
      lines([
        [0, 10],
        [1, 2],
        [3, 2],
        [5, 2],
      ]),
      lines([
        [0, 5],
        [4, 2],
        [6, 5],
      ]),
      lines(Array.from({ length: N! }, (_, i) => [i % 2, V!])),
    ],
  },
  {
    name: "covered-length",
    title: "How much is covered",
    tags: ["sortings"],
    statement:
      "The first line has n, then n lines have a start s and a length d of a segment. Print the total length that at least one segment covers.",
    format: "n:1..N\nn * s:0..V d:1..V",
    levels: [
      { N: 8, V: 12 },
      { N: 150, V: 600 },
      { N: 30_000, V: 1e9 },
    ],
    cpp: raw`int main() { int n = read(); vector<pair<ll, ll>> a(n); for (auto& [s, e] : a) { s = read(); e = s + read(); } sort(a.begin(), a.end());
ll total = 0, end = 0; for (auto [s, e] : a) if (e > end) { total += e - max(s, end); end = e; } printf("%lld\n", total); }`,
    python: raw`events = []
for _ in range(ints()[0]):
    s, d = ints(); events += [(s, -1), (s + d, 1)]
total = depth = last = 0
for x, change in sorted(events):
    if depth: total += x - last
    depth -= change; last = x
print(total)`,
    brute: raw`covered = set()
for _ in range(ints()[0]):
    s, d = ints()
    for x in range(s, s + d): covered.add(x)
print(len(covered))`,
    slowFrom: 3,
    mutants: [
      ["missing-case", "cpp", "e - max(s, end)", "e - s"],
      ["missing-case", "cpp", "if (e > end)", "if (s >= end)"],
      ["wrong-formula", "python", "if depth: total", "if depth > 1: total"],
    ],
    cases: (_, { N, V }) => [
      lines([
        [0, 10],
        [2, 3],
      ]),
      lines([
        [0, 4],
        [2, 5],
        [9, 1],
      ]),
      lines(Array.from({ length: N! }, (_, i) => [V! - i, V!])),
    ],
  },
  {
    name: "stable-order",
    title: "In order of points",
    tags: ["sortings", "implementation"],
    statement:
      "The first line has n, the second the points of n people. Print the people's numbers, from 1, on one line: most points first, equal points in the order of numbers.",
    format: "n:1..N\na[n]:0..V",
    levels: [
      { N: 8, V: 4 },
      { N: 300, V: 30 },
      { N: 30_000, V: 1000 },
    ],
    cpp: raw`int main() { int n = read(); vector<int> a(n), p(n); for (int i = 0; i < n; i++) { a[i] = read(); p[i] = i; }
stable_sort(p.begin(), p.end(), [&](int x, int y) { return a[x] > a[y]; }); for (int i : p) printf("%d ", i + 1); puts(""); }`,
    python: raw`n = ints()[0]; a = ints()
print(*(i + 1 for i in sorted(range(n), key=lambda i: -a[i])))`,
    brute: raw`n = ints()[0]; a = ints(); place = [0] * n
for i in range(n):
    k = 0
    for j in range(n):
        if a[j] > a[i] or a[j] == a[i] and j < i: k += 1
    place[k] = i + 1
print(*place)`,
    slowFrom: 3,
    mutants: [
      ["wrong-tie", "python", "key=lambda i: -a[i]", "key=lambda i: (-a[i], -i)"],
      ["wrong-order", "cpp", "a[x] > a[y]", "a[x] < a[y]"],
      ["off-by-one", "cpp", 'printf("%d ", i + 1)', 'printf("%d ", i)'],
      ["wrong-tie", "cpp", "a[x] > a[y]", "a[x] > a[y] || (a[x] == a[y] && x > y)"],
    ],
    cases: () => ["3\n1 1 2\n"],
  },
  {
    name: "rooms-needed",
    title: "Rooms for everyone",
    tags: ["greedy", "sortings"],
    statement:
      "The first line has n, then n lines have the day a guest comes and how many nights d the guest stays. A room is free again on the day its guest leaves. Print the smallest number of rooms for all.",
    format: "n:1..N\nn * s:0..V d:1..V",
    levels: [
      { N: 8, V: 8 },
      { N: 150, V: 100 },
      { N: 30_000, V: 1e9 },
    ],
    cpp: raw`int main() { int n = read(); vector<pair<ll, int>> a; while (n--) { ll s = read(), d = read(); a.push_back({s, 1}); a.push_back({s + d, -1}); }
sort(a.begin(), a.end()); int now = 0, most = 0; for (auto [x, c] : a) most = max(most, now += c); printf("%d\n", most); }`,
    python: raw`import heapq
a = sorted(tuple(ints()) for _ in range(ints()[0])); ends = []; most = 0
for s, d in a:
    while ends and ends[0] <= s: heapq.heappop(ends)
    heapq.heappush(ends, s + d); most = max(most, len(ends))
print(most)`,
    brute: raw`a = [ints() for _ in range(ints()[0])]; most = 0
for s, _ in a:
    now = 0
    for t, d in a:
        if t <= s < t + d: now += 1
    most = max(most, now)
print(most)`,
    slowFrom: 3,
    mutants: [
      [
        "wrong-tie",
        "cpp",
        "sort(a.begin(), a.end());",
        "sort(a.begin(), a.end(), [](auto& x, auto& y) { return x.first != y.first ? x.first < y.first : x.second > y.second; });",
      ],
      ["boundary", "python", "ends[0] <= s", "ends[0] < s"],
      ["wrong-formula", "python", "s + d", "d"],
    ],
    cases: (_, { N, V }) => [
      lines([
        [0, 3],
        [3, 2],
        [1, 1],
      ]),
      lines([
        [1, 1],
        [2, 1],
      ]),
      lines([
        [5, 2],
        [6, 2],
        [7, 2],
      ]),
      lines(Array.from({ length: N! }, (_, i) => [V! - (i % 3), V!])),
    ],
  },
  {
    name: "two-in-a-boat",
    title: "Two in a boat",
    tags: ["greedy", "two pointers"],
    statement:
      "The first line has n and the weight w that a boat carries, the second the weights of n people. A boat carries one or two people. Print the smallest number of boats.",
    format: "n:1..N w:V..2*V\na[n]:1..V",
    levels: [
      { N: 8, V: 8 },
      { N: 200, V: 100 },
      { N: 30_000, V: 1e9 },
    ],
    cpp: raw`int main() { int n = read(); ll w = read(); vector<ll> a(n); for (auto& x : a) x = read(); sort(a.begin(), a.end());
int boats = 0; for (int i = 0, j = n - 1; i <= j; j--, boats++) if (a[i] + a[j] <= w) i++; printf("%d\n", boats); }`,
    python: raw`n, w = ints(); a = sorted(ints()); i, j = 0, n - 1; boats = 0
while i <= j:
    if a[i] + a[j] <= w: i += 1
    j -= 1; boats += 1
print(boats)`,
    brute: raw`n, w = ints(); a = sorted(ints()); boats = 0
while a:
    heavy = a.pop(); boats += 1
    for k in range(len(a) - 1, -1, -1):
        if a[k] + heavy <= w: del a[k]; break
print(boats)`,
    slowFrom: 3,
    mutants: [
      ["boundary", "cpp", "a[i] + a[j] <= w", "a[i] + a[j] < w"],
      ["boundary", "cpp", "i <= j;", "i < j;"],
      ["wrong-order", "python", "sorted(ints())", "ints()"],
    ],
    cases: (random, { N, V }) => [
      `${N} ${V}\n${Array.from({ length: N! }, () => random.int(1, V!)).join(" ")}\n`,
      `4 ${V}\n${[1, V! - 1, V! - 1, 1].join(" ")}\n`,
      `3 ${V}\n1 ${V} 1\n`,
      `1 ${V}\n1\n`,
      `4 ${V}\n${[V! - 1, V, 1, 2].join(" ")}\n`,
    ],
  },
  {
    name: "kth-smallest",
    title: "The k-th smallest",
    tags: ["sortings"],
    statement:
      "The first line has n and k, the second n numbers. Print the k-th smallest of them, equal numbers counted as often as they occur.",
    format: "n:1..N k:1..n\na[n]:-V..V",
    cpp: raw`int main() { int n = read(), k = read(); vector<ll> a(n); for (auto& x : a) x = read(); nth_element(a.begin(), a.begin() + (k - 1), a.end()); printf("%lld\n", a[k - 1]); }`,
    python: raw`n, k = ints(); print(sorted(ints())[k - 1])`,
    brute: raw`n, k = ints(); a = ints()
for _ in range(k - 1): a.remove(min(a))
print(min(a))`,
    slowFrom: 3,
    mutants: [
      ["off-by-one", "cpp", 'printf("%lld\\n", a[k - 1])', 'printf("%lld\\n", a[k % n])'],
      ["missing-case", "python", "sorted(ints())[k - 1]", "(sorted(set(ints())) + [0] * n)[k - 1]"],
      ["wrong-order", "python", "sorted(ints())[k - 1]", "sorted(ints(), reverse=True)[k - 1]"],
    ],
    cases: (_, { N, V }) => [
      `${N} ${N}\n${Array(N).fill(V).join(" ")}\n`,
      "3 2\n5 5 7\n",
      "3 3\n1 1 2\n",
      "4 1\n9 -8 3 0\n",
    ],
  },
];
