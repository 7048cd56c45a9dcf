/** Choices that build on smaller ones. */
import type { Family } from "../family.ts";

const raw = String.raw;

export const dynamic: Family[] = [
  {
    name: "knapsack",
    title: "Pack the bag",
    tags: ["dp"],
    statement:
      "The first line has n and w, then n lines have the weight and the value of a thing. Print the greatest value of things, each taken at most once, whose weight is at most w.",
    format: "n:1..N w:1..W\nn * a:1..W b:1..V",
    levels: [
      { N: 8, W: 12, V: 20 },
      { N: 30, W: 200, V: 1000 },
      { N: 60, W: 4000, V: 1e9 },
    ],
    cpp: raw`int main() { int n = read(), w = read(); vector<ll> best(w + 1); while (n--) { int a = read(); ll b = read(); for (int x = w; x >= a; x--) best[x] = max(best[x], best[x - a] + b); }
printf("%lld\n", best[w]); }`,
    python: raw`n, w = ints(); best = [0] * (w + 1)
for _ in range(n):
    a, b = ints()
    if a <= w: best = best[:a] + [max(x, y + b) for x, y in zip(best[a:], best)]
print(best[w])`,
    brute: raw`n, w = ints(); states = {0: 0}
for _ in range(n):
    a, b = ints(); fresh = dict(states)
    for x, v in states.items():
        if x + a <= w and fresh.get(x + a, -1) < v + b: fresh[x + a] = v + b
    states = fresh
print(max(states.values()))`,
    slowFrom: null,
    mutants: [
      ["wrong-order", "cpp", "for (int x = w; x >= a; x--)", "for (int x = a; x <= w; x++)"],
      ["boundary", "cpp", "x >= a", "x > a"],
      [
        "overflow",
        "cpp",
        "vector<ll> best(w + 1);",
        "vector<int> best(w + 1); auto max = [](int x, int y) { return x > y ? x : y; };",
        3,
      ],
      ["missing-case", "python", "if a <= w:", "if a < w:"],
    ],
    cases: (random, { N, W, V }) => {
      const rows = Array.from(
        { length: N! },
        () => `${random.int(1, Math.ceil(W! / 5))} ${random.int(Math.ceil(V! / 2), V!)}`,
      );
      return ["1 5\n5 7\n", "2 6\n2 3\n5 4\n", "1 4\n2 9\n", `${N} ${W}\n${rows.join("\n")}\n`];
    },
  },
  {
    name: "rising-subsequence",
    title: "The longest rise",
    tags: ["dp", "binary search"],
    statement:
      "The first line has n, the second n numbers. Print the length of the longest strictly rising subsequence.",
    format: "n:1..N\na[n]:1..V",
    levels: [
      { N: 9, V: 9 },
      { N: 200, V: 100 },
      { N: 30_000, V: 1e9 },
    ],
    cpp: raw`int main() { int n = read(); vector<ll> ends; while (n--) { ll x = read(); auto it = lower_bound(ends.begin(), ends.end(), x); if (it == ends.end()) ends.push_back(x); else *it = x; }
printf("%d\n", (int)ends.size()); }`,
    python: raw`from bisect import bisect_left
n = ints()[0]; ends = []
for x in ints():
    k = bisect_left(ends, x)
    ends[k:k + 1] = [x]
print(len(ends))`,
    brute: raw`n = ints()[0]; a = ints(); best = [1] * n
for i in range(n):
    for j in range(i):
        if a[j] < a[i] and best[j] >= best[i]: best[i] = best[j] + 1
print(max(best))`,
    slowFrom: 3,
    mutants: [
      ["wrong-tie", "cpp", "lower_bound", "upper_bound"],
      ["wrong-formula", "python", "    ends[k:k + 1] = [x]", "    if k == len(ends): ends.append(x)"],
      ["off-by-one", "cpp", "while (n--)", "while (--n > 0)"],
    ],
    cases: (_, { N }) => [
      "2\n1 1\n",
      "3\n5 1 2\n",
      "3\n1 2 3\n",
      `${N}\n${Array.from({ length: N! }, (_, i) => i + 1).join(" ")}\n`,
    ],
  },
  {
    name: "fewest-coins",
    title: "As few coins as possible",
    tags: ["dp"],
    statement:
      "The first line has k and t, the second k different coins. Print the smallest number of coins, each as often as wanted, whose sum is t, or -1.",
    format: "k:1..K t:1..T\nc[k]:2..C!distinct",
    levels: [
      { K: 4, T: 30, C: 12 },
      { K: 8, T: 300, C: 60 },
      { K: 15, T: 30_000, C: 5000 },
    ],
    cpp: raw`int main() { int k = read(), t = read(); vector<int> best(t + 1, 1e9); best[0] = 0; while (k--) { int c = read(); for (int x = c; x <= t; x++) best[x] = min(best[x], best[x - c] + 1); }
printf("%d\n", best[t] < 1e9 ? best[t] : -1); }`,
    python: raw`k, t = ints(); coins = ints(); reach = 1; steps = 0; full = (1 << (t + 1)) - 1
while not reach >> t & 1:
    new = reach
    for c in coins: new |= reach << c
    new &= full; steps += 1
    if new == reach: steps = -1; break
    reach = new
print(steps)`,
    brute: raw`k, t = ints(); coins = ints(); best = [0] + [t + 1] * t
for x in range(1, t + 1):
    for c in coins:
        if c <= x and best[x - c] + 1 < best[x]: best[x] = best[x - c] + 1
print(best[t] if best[t] <= t else -1)`,
    slowFrom: null,
    mutants: [
      ["wrong-order", "cpp", "for (int x = c; x <= t; x++)", "for (int x = t; x >= c; x--)"],
      ["missing-case", "cpp", "best[t] < 1e9 ? best[t] : -1", "best[t]"],
      ["wrong-formula", "python", "new |= reach << c", "new |= new << c"],
    ],
    cases: () => ["2 6\n3 4\n", "3 12\n2 6 8\n", "1 7\n2\n", "3 6\n2 3 4\n", "2 9\n4 3\n"],
  },
  {
    name: "edit-distance",
    title: "From word to word",
    tags: ["dp", "strings"],
    statement:
      "Two lines have a word each. Print the smallest number of letters to insert, delete or replace that makes the first into the second.",
    format: "s:abc{1..N}\nt:abc{1..N}",
    levels: [{ N: 6 }, { N: 60 }, { N: 900 }],
    cpp: raw`int main() { string s = word(), t = word(); int n = s.size(), m = t.size(); vector<vector<int>> d(n + 1, vector<int>(m + 1));
for (int i = 0; i <= n; i++) for (int j = 0; j <= m; j++) d[i][j] = !i ? j : !j ? i : min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (s[i - 1] != t[j - 1])});
printf("%d\n", d[n][m]); }`,
    python: raw`s, t = word(), word(); row = list(range(len(t) + 1))
for i, c in enumerate(s, 1):
    left = i; corner = i - 1; out = [i]
    for x, e in zip(row[1:], t):
        if c != e:
            if left < corner: corner = left
            if x < corner: corner = x
            corner += 1
        left = corner; out.append(left); corner = x
    row = out
print(row[-1])`,
    brute: raw`sys.setrecursionlimit(10000); s, t = word(), word()
def d(i, j):
    if i == 0 or j == 0: return i + j
    return min(d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + (s[i - 1] != t[j - 1]))
print(d(len(s), len(t)))`,
    slowFrom: 2,
    mutants: [
      ["wrong-formula", "cpp", "(s[i - 1] != t[j - 1])", "2 * (s[i - 1] != t[j - 1])"],
      ["wrong-start", "cpp", "!i ? j : !j ? i :", "!i ? 0 : !j ? i :"],
      ["missing-case", "python", "            if x < corner: corner = x\n", ""],
    ],
    cases: () => ["abc\nbc\n", "a\nabc\n", "aab\naba\n", "abc\naac\n", "abcabc\na\n"],
  },
  {
    name: "grid-paths",
    title: "Ways through the grid",
    tags: ["dp"],
    statement:
      "The first line has h and w, then h lines have w cells each, # for a wall. Print in how many ways, modulo 1,000,000,007, one gets from the upper left cell to the lower right one by steps right or down.",
    format: "h:1..N w:1..N\nh * r:.#{w..w}",
    levels: [{ N: 6 }, { N: 30 }, { N: 300 }],
    cpp: raw`int main() { int h = read(), w = read(); vector<ll> ways(w + 1); ways[1] = 1;
for (int i = 0; i < h; i++) { string r = word(); for (int j = 1; j <= w; j++) ways[j] = r[j - 1] == '#' ? 0 : i == 0 && j == 1 ? 1 : (ways[j] + ways[j - 1]) % 1000000007; }
printf("%lld\n", ways[w]); }`,
    python: raw`h, w = ints(); ways = [1] + [0] * (w - 1)
for _ in range(h):
    left = 0
    for j, c in enumerate(word()):
        left = ways[j] = 0 if c == "#" else (ways[j] + left) % (10 ** 9 + 7)
print(ways[-1])`,
    brute: raw`h, w = ints(); rows = [word() for _ in range(h)]; seen = {}
def ways(i, j):
    if i < 0 or j < 0 or rows[i][j] == "#": return 0
    if i == j == 0: return 1
    if (i, j) not in seen: seen[i, j] = ways(i - 1, j) + ways(i, j - 1)
    return seen[i, j]
sys.setrecursionlimit(10000)
print(ways(h - 1, w - 1) % (10 ** 9 + 7))`,
    slowFrom: null,
    mutants: [
      ["missing-case", "cpp", "r[j - 1] == '#' ? 0 : i", "i"],
      ["overflow", "cpp", "(ways[j] + ways[j - 1]) % 1000000007", "(ways[j] + ways[j - 1])", 2],
      ["wrong-start", "python", "left = 0\n", "left = 1\n"],
      ["off-by-one", "python", "print(ways[-1])", "print(ways[0])"],
    ],
    cases: (random, { N }) => {
      const rows = (wall: number) =>
        Array.from({ length: N! }, () => Array.from({ length: N! }, () => (random.bool(wall) ? "#" : ".")).join(""));
      return [
        "2 2\n..\n..\n",
        "2 3\n.#.\n...\n",
        "1 1\n#\n",
        "2 2\n..\n.#\n",
        `${N} ${N}\n${rows(0).join("\n")}\n`,
        `${N} ${N}\n${rows(0.05).join("\n")}\n`,
      ];
    },
  },
];
