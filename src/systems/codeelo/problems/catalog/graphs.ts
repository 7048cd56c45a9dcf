/** Grids, trees and roads. */
import type { Random } from "../../../../core/random.ts";
import type { Family } from "../family.ts";

const raw = String.raw;

function grid(random: Random, size: number, wall: number): string {
  const row = () => Array.from({ length: size }, () => (random.bool(wall) ? "#" : ".")).join("");
  return `${size} ${size}\n${Array.from({ length: size }, row).join("\n")}\n`;
}

/** Walls that leave one long way, to and fro. */
function snake(size: number): string {
  const row = (y: number) =>
    y % 2 === 0 ? ".".repeat(size) : y % 4 === 1 ? `${"#".repeat(size - 1)}.` : `.${"#".repeat(size - 1)}`;
  return `${size} ${size}\n${Array.from({ length: size }, (_, y) => row(y)).join("\n")}\n`;
}

export const graphs: Family[] = [
  {
    name: "maze",
    title: "The way out",
    tags: ["graphs", "dfs and similar"],
    statement:
      "The first line has h and w, then h lines have w cells each, # for a wall. Print the smallest number of steps, each to a free neighbour above, below, left or right, from the upper left cell to the lower right one, or -1. The two count as free.",
    format: "h:1..N w:1..N\nh * r:.#{w..w}",
    levels: [{ N: 5 }, { N: 20 }, { N: 250 }],
    cpp: raw`int main() { int h = read(), w = read(); vector<string> g(h); for (auto& r : g) r = word(); g[0][0] = g[h - 1][w - 1] = '.';
vector<int> d(h * w, -1); queue<int> q; q.push(0); d[0] = 0; int dx[] = {1, -1, 0, 0}, dy[] = {0, 0, 1, -1};
while (!q.empty()) { int c = q.front(); q.pop(); for (int k = 0; k < 4; k++) { int x = c % w + dx[k], y = c / w + dy[k];
if (x < 0 || y < 0 || x >= w || y >= h || g[y][x] == '#' || d[y * w + x] >= 0) continue; d[y * w + x] = d[c] + 1; q.push(y * w + x); } }
printf("%d\n", d[h * w - 1]); }`,
    python: raw`h, w = ints(); W = w + 2
g = list("#" * W + "".join("#" + word() + "#" for _ in range(h)) + "#" * W)
end = h * W + w; g[W + 1] = g[end] = "."; layer = [W + 1]; g[W + 1] = "#"; steps = 0; found = end == W + 1
while layer and not found:
    steps += 1; new = []
    for c in layer:
        for n in (c - 1, c + 1, c - W, c + W):
            if g[n] == ".":
                g[n] = "#"; new.append(n)
                if n == end: found = True
    layer = new
print(steps if found else -1)`,
    brute: raw`h, w = ints(); g = [list(word()) for _ in range(h)]; g[0][0] = g[-1][-1] = "."
far = 10 ** 9; d = [[far] * w for _ in range(h)]; d[0][0] = 0; changed = True
while changed:
    changed = False
    for y in range(h - 1, -1, -1):
        for x in range(w - 1, -1, -1):
            if g[y][x] == "#": continue
            for a, b in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if 0 <= a < h and 0 <= b < w and d[a][b] + 1 < d[y][x]: d[y][x] = d[a][b] + 1; changed = True
print(d[-1][-1] if d[-1][-1] < far else -1)`,
    slowFrom: 3,
    mutants: [
      ["missing-case", "cpp", "k < 4", "k < 3"],
      ["off-by-one", "python", "steps = 0; found", "steps = -1; found"],
      ["wrong-formula", "cpp", "{1, -1, 0, 0}, dy[] = {0, 0, 1, -1}", "{1, -1, 1, -1}, dy[] = {0, 0, 1, -1}"],
      ["wrong-formula", "cpp", "d[c] + 1;", "x + y;"],
    ],
    cases: (random, { N }) => [
      "1 1\n#\n",
      "2 2\n.#\n..\n",
      "5 5\n.....\n####.\n.....\n.####\n.....\n",
      "5 5\n.#...\n.#.#.\n.#.#.\n.#.#.\n...#.\n",
      grid(random, N!, 0.25),
      snake(N!),
    ],
  },
  {
    name: "provinces",
    title: "Provinces",
    tags: ["graphs", "dfs and similar"],
    statement:
      "The first line has n and m, then m lines have the two ends of a road between towns 1 to n. Print how many groups of towns there are between which roads lead, and the size of the largest.",
    format: "n:1..N m:0..M\nm * u:1..n v:1..n",
    levels: [
      { N: 8, M: 6 },
      { N: 150, M: 120 },
      { N: 20_000, M: 20_000 },
    ],
    cpp: raw`vector<int> p; int find(int x) { while (p[x] != x) x = p[x] = p[p[x]]; return x; }
int main() { int n = read(), m = read(); p.resize(n + 1); for (int i = 1; i <= n; i++) p[i] = i; while (m--) { int u = read(), v = read(); p[find(u)] = find(v); }
vector<int> size(n + 1); int groups = 0, most = 0; for (int i = 1; i <= n; i++) { groups += p[i] == i; most = max(most, ++size[find(i)]); } printf("%d %d\n", groups, most); }`,
    python: raw`n, m = ints(); near = [[] for _ in range(n + 1)]
for _ in range(m):
    u, v = ints(); near[u].append(v); near[v].append(u)
seen = [False] * (n + 1); sizes = []
for start in range(1, n + 1):
    if seen[start]: continue
    seen[start] = True; group = [start]
    for u in group:
        for v in near[u]:
            if not seen[v]: seen[v] = True; group.append(v)
    sizes.append(len(group))
print(len(sizes), max(sizes))`,
    brute: raw`n, m = ints(); groups = [{i} for i in range(1, n + 1)]
for _ in range(m):
    u, v = ints()
    a = next(g for g in groups if u in g); b = next(g for g in groups if v in g)
    if a is not b: groups.remove(b); a |= b
print(len(groups), max(map(len, groups)))`,
    slowFrom: 3,
    mutants: [
      ["wrong-formula", "cpp", "p[find(u)] = find(v)", "p[u] = find(v)"],
      ["missing-case", "python", "; near[v].append(u)", ""],
      ["off-by-one", "cpp", "++size[find(i)]", "size[find(i)]++"],
    ],
    cases: (_, { N }) => [
      "3 2\n1 2\n1 3\n",
      "3 2\n2 1\n3 1\n",
      "4 3\n1 2\n3 4\n2 4\n",
      `${N} ${N! - 2}\n${Array.from({ length: N! - 2 }, (_, i) => `${i + 2} ${i + 1}`).join("\n")}\n`,
    ],
  },
  {
    name: "tree-diameter",
    title: "The longest way in a tree",
    tags: ["trees", "dfs and similar"],
    statement:
      "The first line has n, then n - 1 lines have the two ends of an edge of a tree. Print the number of edges on the longest path.",
    format: "n:2..N\nn-1 * u:1..n v:1..n !tree",
    levels: [{ N: 9 }, { N: 80 }, { N: 20_000 }],
    cpp: raw`vector<vector<int>> near; pair<int, int> far(int s) { vector<int> d(near.size(), -1); d[s] = 0; queue<int> q; q.push(s); int u = s;
while (!q.empty()) { u = q.front(); q.pop(); for (int v : near[u]) if (d[v] < 0) { d[v] = d[u] + 1; q.push(v); } } return {u, d[u]}; }
int main() { int n = read(); near.resize(n + 1); for (int i = 1; i < n; i++) { int u = read(), v = read(); near[u].push_back(v); near[v].push_back(u); }
printf("%d\n", far(far(1).first).second); }`,
    python: raw`n = ints()[0]; near = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    u, v = ints(); near[u].append(v); near[v].append(u)
order = [1]; parent = [0] * (n + 1)
for u in order:
    for v in near[u]:
        if v != parent[u]: parent[v] = u; order.append(v)
depth = [0] * (n + 1); best = 0
for u in reversed(order):
    p = parent[u]; best = max(best, depth[p] + depth[u] + 1 if p else 0); depth[p] = max(depth[p], depth[u] + 1)
print(best)`,
    brute: raw`n = ints()[0]; near = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    u, v = ints(); near[u].append(v); near[v].append(u)
best = 0
for s in range(1, n + 1):
    layer = [(s, 0)]; steps = -1
    while layer: steps += 1; layer = [(v, u) for u, p in layer for v in near[u] if v != p]
    best = max(best, steps)
print(best)`,
    slowFrom: 3,
    mutants: [
      ["wrong-formula", "cpp", "far(far(1).first).second", "far(1).second"],
      ["off-by-one", "cpp", ".second); }", ".second + 1); }"],
      ["wrong-order", "python", "reversed(order)", "order"],
    ],
    cases: (_, { N }) => [
      "3\n2 1\n1 3\n",
      "4\n2 1\n1 3\n3 4\n",
      `${N}\n${Array.from({ length: N! - 1 }, (_, i) => `${i < N! / 2 ? i + 1 : 1} ${i + 2}`).join("\n")}\n`,
    ],
  },
  {
    name: "shortest-road",
    title: "The shortest road",
    tags: ["graphs"],
    statement:
      "The first line has n and m, then m lines have a one-way road: from u to v, of length c. Print the length of the shortest way from town 1 to town n, or -1.",
    format: "n:2..N m:1..M\nm * u:1..n v:1..n c:1..V",
    levels: [
      { N: 6, M: 12, V: 9 },
      { N: 60, M: 300, V: 1e6 },
      { N: 5000, M: 20_000, V: 1e9 },
    ],
    cpp: raw`int main() { int n = read(), m = read(); vector<vector<pair<int, ll>>> g(n + 1); while (m--) { int u = read(), v = read(); ll c = read(); g[u].push_back({v, c}); }
vector<ll> d(n + 1, 4e18); priority_queue<pair<ll, int>> q; q.push({0, 1}); d[1] = 0;
while (!q.empty()) { auto [x, u] = q.top(); q.pop(); if (-x > d[u]) continue; for (auto [v, c] : g[u]) if (d[u] + c < d[v]) { d[v] = d[u] + c; q.push({-d[v], v}); } }
printf("%lld\n", d[n] < 4e18 ? d[n] : -1); }`,
    python: raw`from heapq import heappush, heappop
n, m = ints(); g = [[] for _ in range(n + 1)]
for _ in range(m):
    u, v, c = ints(); g[u].append((v, c))
d = {}; q = [(0, 1)]
while q:
    x, u = heappop(q)
    if u in d: continue
    d[u] = x
    for v, c in g[u]:
        if v not in d: heappush(q, (x + c, v))
print(d.get(n, -1))`,
    brute: raw`n, m = ints(); roads = [ints() for _ in range(m)]; far = 10 ** 18; d = [far] * (n + 1); d[1] = 0
for _ in range(n):
    for u, v, c in roads:
        if d[u] + c < d[v]: d[v] = d[u] + c
print(d[n] if d[n] < far else -1)`,
    slowFrom: 3,
    mutants: [
      ["missing-case", "cpp", "g[u].push_back({v, c});", "g[u].push_back({v, c}); g[v].push_back({u, c});"],
      ["wrong-formula", "python", "heappush(q, (x + c, v))", "heappush(q, (c, v))"],
      ["overflow", "cpp", "vector<ll> d(n + 1, 4e18)", "vector<int> d(n + 1, 2e9)", 3],
      ["missing-case", "cpp", "d[n] < 4e18 ? d[n] : -1", "d[n]"],
    ],
    cases: (_, { N, V }) => [
      "2 1\n2 1 5\n",
      "3 3\n1 2 1\n2 3 1\n1 3 3\n",
      "4 5\n1 2 5\n1 3 1\n3 2 1\n2 4 5\n3 4 9\n",
      `${N} ${N! - 1}\n${Array.from({ length: N! - 1 }, (_, i) => `${i + 1} ${i + 2} ${V}`)
        .reverse()
        .join("\n")}\n`,
    ],
  },
  {
    name: "largest-lake",
    title: "The largest lake",
    tags: ["graphs", "dfs and similar"],
    statement:
      "The first line has h and w, then h lines have w cells each, # for land and . for water. Cells that share a side belong together. Print the number of lakes and the size of the largest (0 0 if there is none).",
    format: "h:1..N w:1..N\nh * r:.#{w..w}",
    levels: [{ N: 5 }, { N: 25 }, { N: 200 }],
    cpp: raw`int h, w; vector<string> g; int fill(int y, int x) { vector<pair<int, int>> stack{{y, x}}; g[y][x] = '#'; int size = 0;
while (!stack.empty()) { auto [b, a] = stack.back(); stack.pop_back(); size++; for (auto [c, d] : {pair{b + 1, a}, pair{b - 1, a}, pair{b, a + 1}, pair{b, a - 1}})
if (c >= 0 && d >= 0 && c < h && d < w && g[c][d] == '.') { g[c][d] = '#'; stack.push_back({c, d}); } } return size; }
int main() { h = read(); w = read(); g.resize(h); for (auto& r : g) r = word(); int lakes = 0, most = 0;
for (int y = 0; y < h; y++) for (int x = 0; x < w; x++) if (g[y][x] == '.') { lakes++; most = max(most, fill(y, x)); } printf("%d %d\n", lakes, most); }`,
    python: raw`h, w = ints(); W = w + 1
g = list("#" * W + "".join(word() + "#" for _ in range(h)) + "#" * W); lakes = most = 0
for start in range(len(g)):
    if g[start] != ".": continue
    g[start] = "#"; stack = [start]; size = 0; lakes += 1
    while stack:
        c = stack.pop(); size += 1
        for n in (c - 1, c + 1, c - W, c + W):
            if g[n] == ".": g[n] = "#"; stack.append(n)
    most = max(most, size)
print(lakes, most)`,
    brute: raw`h, w = ints(); cells = set()
for y in range(h): cells |= {(y, x) for x, c in enumerate(word()) if c == "."}
label = {c: c for c in cells}; changed = True
while changed:
    changed = False
    for y, x in cells:
        for n in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
            if n in label and label[n] < label[y, x]: label[y, x] = label[n]; changed = True
from collections import Counter
sizes = Counter(label.values())
print(len(sizes), max(sizes.values(), default=0))`,
    slowFrom: 3,
    mutants: [
      ["missing-case", "cpp", ", pair{b, a - 1}", ""],
      ["missing-case", "python", "(c - 1, c + 1, c - W, c + W)", "(c - 1, c + 1, c - W, c + W, c + W + 1)"],
      ["wrong-start", "cpp", "int size = 0;\n", "int size = 1;\n"],
    ],
    cases: (random, { N }) => [
      "3 3\n.#.\n#.#\n.#.\n",
      "2 2\n##\n##\n",
      "3 3\n..#\n.#.\n#..\n",
      "3 4\n..#.\n#...\n....\n",
      grid(random, N!, 0.4),
      snake(N!),
    ],
  },
];
