/** Words: palindromes, brackets, periods and expressions. */
import type { Random } from "../../../../core/random.ts";
import type { Family } from "../family.ts";

const raw = String.raw;
const repeat = (text: string, length: number) => text.repeat(Math.ceil(length / text.length)).slice(0, length);

/** A right expression of about so many numbers. */
function expression(random: Random, count: number, most: number): string {
  const parts = Array.from(
    { length: count },
    (_, index) => `${index ? random.choice(["+", "-", "*"]) : ""}${random.int(0, most)}`,
  );
  return parts.join("");
}

export const strings: Family[] = [
  {
    name: "palindrome-count",
    title: "Palindromes inside",
    tags: ["strings"],
    statement: "One line has a word. Print how many of its non-empty substrings, by place, read the same backwards.",
    format: "s:ab{1..N}",
    levels: [{ N: 10 }, { N: 60 }, { N: 2500 }],
    cpp: raw`int main() { string s = word(); int n = s.size(); ll count = 0;
for (int c = 0; c < 2 * n - 1; c++) { int l = c / 2, r = (c + 1) / 2; while (l >= 0 && r < n && s[l] == s[r]) { count++; l--; r++; } }
printf("%lld\n", count); }`,
    python: raw`s = word(); t = "^" + "#".join("." + s + ".").replace(".", "") + "$"
p = [0] * len(t); c = r = 0
for i in range(1, len(t) - 1):
    if i < r: p[i] = min(r - i, p[2 * c - i])
    while t[i + p[i] + 1] == t[i - p[i] - 1]: p[i] += 1
    if i + p[i] > r: c, r = i, i + p[i]
print(sum((x + 1) // 2 for x in p))`,
    brute: raw`s = word(); n = len(s); count = 0
for i in range(n):
    for j in range(i + 1, n + 1):
        if all(s[i + k] == s[j - 1 - k] for k in range((j - i) // 2)): count += 1
print(count)`,
    slowFrom: 3,
    mutants: [
      ["missing-case", "cpp", "c < 2 * n - 1; c++", "c < 2 * n - 1; c += 2", 1],
      ["boundary", "cpp", "r < n", "r < n - 1"],
      ["off-by-one", "python", "(x + 1) // 2", "x // 2"],
    ],
    cases: (_, { N }) => ["a\n", "ab\n", "aba\n", "bb\n", `${repeat("a", N!)}\n`, `${repeat("ab", N!)}\n`],
  },
  {
    name: "run-length",
    title: "Run-length code",
    tags: ["strings", "implementation"],
    statement:
      "One line has a word. Print it with every run of equal letters as the letter and, if it is longer than one, its length.",
    format: "s:abc{1..N}",
    levels: [{ N: 10 }, { N: 500 }, { N: 20_000 }],
    cpp: raw`int main() { string s = word(); int n = s.size();
for (int i = 0, j; i < n; i = j) { for (j = i; j < n && s[j] == s[i];) j++; putchar(s[i]); if (j - i > 1) printf("%d", j - i); } puts(""); }`,
    python: raw`from itertools import groupby
print("".join(c + (str(k) if k > 1 else "") for c, k in ((c, len(list(g))) for c, g in groupby(word()))))`,
    brute: raw`s = word(); out = ""
while s:
    k = len(s) - len(s.lstrip(s[0]))
    out += s[0] + (str(k) if k != 1 else ""); s = s[k:]
print(out)`,
    slowFrom: null,
    mutants: [
      ["boundary", "cpp", "if (j - i > 1)", "if (j - i > 0)"],
      ["boundary", "python", "if k > 1", "if k > 2"],
      ["off-by-one", "cpp", "i < n; i = j", "i < n - 1; i = j"],
    ],
    cases: (_, { N }) => ["a\n", "aab\n", "aaabb\n", "abb\n", `${repeat("c", N!)}\n`],
  },
  {
    name: "anagram-groups",
    title: "Groups of anagrams",
    tags: ["strings", "sortings"],
    statement:
      "The first line has n, then n lines have a word each. Words that are made of the same letters, as often each, form a group. Print the number of groups and the size of the largest.",
    format: "n:1..N\nn * s:abc{1..L}",
    levels: [
      { N: 8, L: 3 },
      { N: 200, L: 5 },
      { N: 3000, L: 16 },
    ],
    cpp: raw`int main() { int n = read(), most = 0; map<string, int> groups; while (n--) { string s = word(); sort(s.begin(), s.end()); most = max(most, ++groups[s]); }
printf("%d %d\n", (int)groups.size(), most); }`,
    python: raw`from collections import Counter
groups = Counter("".join(sorted(word())) for _ in range(ints()[0]))
print(len(groups), max(groups.values()))`,
    brute: raw`n = ints()[0]; words = [word() for _ in range(n)]; groups = []
for w in words:
    for g in groups:
        if len(g[0]) == len(w) and all(g[0].count(c) == w.count(c) for c in "abc"): g.append(w); break
    else: groups.append([w])
print(len(groups), max(map(len, groups)))`,
    slowFrom: null,
    mutants: [
      ["wrong-formula", "cpp", "sort(s.begin(), s.end());", ""],
      ["wrong-formula", "python", "sorted(word())", "sorted(set(word()))"],
      ["off-by-one", "cpp", "++groups[s]", "groups[s]++"],
    ],
    cases: () => ["3\nab\nba\na\n", "2\naab\nabb\n", "3\nabc\ncab\nbca\n"],
  },
  {
    name: "longest-brackets",
    title: "The longest right bracketing",
    tags: ["strings", "dp"],
    statement:
      "One line has a word of round brackets. Print the length of its longest substring that is a right bracketing, or 0.",
    format: "s:(){1..N}",
    levels: [{ N: 10 }, { N: 60 }, { N: 20_000 }],
    cpp: raw`int main() { string s = word(); vector<int> stack{-1}; int best = 0, n = s.size();
for (int i = 0; i < n; i++) { if (s[i] == '(') stack.push_back(i); else { stack.pop_back(); if (stack.empty()) stack.push_back(i); else best = max(best, i - stack.back()); } }
printf("%d\n", best); }`,
    python: raw`s = word(); d = [0] * (len(s) + 1); best = 0
for i in range(1, len(s)):
    if s[i] == ")":
        j = i - d[i - 1] - 1
        if j >= 0 and s[j] == "(":
            d[i] = d[i - 1] + 2 + (d[j - 1] if j > 0 else 0)
            best = max(best, d[i])
print(best)`,
    brute: raw`s = word(); best = 0
for i in range(len(s)):
    depth = 0
    for j in range(i, len(s)):
        depth += 1 if s[j] == "(" else -1
        if depth < 0: break
        if depth == 0: best = max(best, j - i + 1)
print(best)`,
    slowFrom: 3,
    mutants: [
      ["wrong-start", "cpp", "stack{-1}", "stack{0}"],
      ["missing-case", "python", " + (d[j - 1] if j > 0 else 0)", ""],
      [
        "missing-case",
        "cpp",
        "if (stack.empty()) stack.push_back(i); else",
        "if (stack.empty()) { stack.push_back(-1); } else",
      ],
    ],
    cases: (_, { N }) => [
      "()\n",
      "()()\n",
      ")()(())\n",
      "())()\n",
      `${"(".repeat(N! - 2)}()\n`,
      `${"(".repeat(N! / 2)}${")".repeat(N! / 2)}\n`,
    ],
  },
  {
    name: "shortest-period",
    title: "The shortest period",
    tags: ["strings"],
    statement:
      "One line has a word. Print the smallest p > 0 such that letters p places apart are equal wherever both places are inside the word.",
    format: "s:ab{1..N}",
    levels: [{ N: 12 }, { N: 200 }, { N: 30_000 }],
    cpp: raw`int main() { string s = word(); int n = s.size(); vector<int> f(n + 1); int k = 0;
for (int i = 1; i < n; i++) { while (k && s[i] != s[k]) k = f[k]; if (s[i] == s[k]) k++; f[i + 1] = k; }
printf("%d\n", n - f[n]); }`,
    python: raw`s = word(); n = len(s); z = [0] * n; l = r = 0; answer = n
for i in range(1, n):
    if i < r: z[i] = min(r - i, z[i - l])
    while i + z[i] < n and s[z[i]] == s[i + z[i]]: z[i] += 1
    if i + z[i] > r: l, r = i, i + z[i]
    if i + z[i] == n: answer = i; break
print(answer)`,
    brute: raw`s = word(); n = len(s); p = 1
def fits(p):
    for i in range(n - p):
        if s[i] != s[i + p]: return False
    return True
while not fits(p): p += 1
print(p)`,
    slowFrom: 3,
    mutants: [
      ["missing-case", "cpp", "while (k && s[i] != s[k]) k = f[k];", "if (s[i] != s[k]) k = 0;"],
      ["boundary", "python", "if i + z[i] == n", "if i + z[i] == n and n % i == 0"],
      ["off-by-one", "cpp", "n - f[n]", "n - f[n - 1]"],
    ],
    cases: (_, { N }) => [
      "aabaaab\n",
      "aabaaabaa\n",
      "ababa\n",
      "aab\n",
      "aabaabaaab\n",
      `${repeat("aab", N!)}\n`,
      `${"a".repeat(N! / 2 - 1)}b${"a".repeat(N! / 2 - 1)}b\n`,
    ],
  },
  {
    name: "evaluate",
    title: "Evaluate an expression",
    tags: ["strings", "implementation"],
    statement:
      "One line has whole numbers with +, - and * between them. Print the value modulo 1,000,000,007, from 0 on; products come before sums, equal ones go from left to right.",
    format: "s:0123456789+-*{1..L}",
    pattern: "\\d+([-+*]\\d+)*\\n",
    levels: [
      { L: 12, C: 3, V: 20 },
      { L: 400, C: 60, V: 1000 },
      { L: 100_000, C: 8000, V: 1e9 },
    ],
    cpp: raw`int main() { string s = word(); const ll m = 1000000007; ll sum = 0, product = 1, sign = 1, x = 0;
for (char c : s + "+") { if (c >= '0' && c <= '9') x = (x * 10 + c - '0') % m; else { product = product * x % m; x = 0;
if (c != '*') { sum = (sum + sign * product + m) % m; product = 1; sign = c == '-' ? -1 : 1; } } }
printf("%lld\n", sum); }`,
    python: raw`import re
m = 10 ** 9 + 7; total = 0
for term in re.findall("[+-]?[^+-]+", word()):
    product = -1 if term[0] == "-" else 1
    for factor in term.lstrip("+-").split("*"): product = product * int(factor) % m
    total += product
print(total % m)`,
    brute: raw`m = 10 ** 9 + 7; total = 0; s = word().replace("-", "+-")
for term in s.split("+"):
    value = 1
    for factor in term.split("*"): value *= int(factor); value %= m
    total = (total + value) % m
print(total)`,
    slowFrom: null,
    mutants: [
      ["wrong-order", "cpp", "if (c != '*')", "if (true)"],
      ["missing-case", "cpp", "sign = c == '-' ? -1 : 1;", "sign = 1;"],
      ["wrong-format", "python", "print(total % m)", "print(total)"],
    ],
    cases: (random, { C, V }) => [
      "2+3*4\n",
      "2*3-7\n",
      "0-5*5\n",
      "1-2-3\n",
      `${expression(random, C!, V!)}\n`,
      `${expression(random, C!, V!)}\n`,
    ],
  },
];
