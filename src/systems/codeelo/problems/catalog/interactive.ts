/** Problems that answer back: the interactor counts questions. */
import type { Family } from "../family.ts";

const raw = String.raw;

export const interactive: Family[] = [
  {
    name: "guess-number",
    title: "Guess the number",
    tags: ["interactive", "binary search"],
    statement:
      "Read n. A number from 1 to n is hidden. Print `? x` to ask how it compares with x, and read -1 (it is smaller), 0 or 1 (it is greater). Print `! x` when it is found. The number of questions may be at most the number of binary digits of n.",
    format: "n:1..N x:1..n",
    levels: [{ N: 8 }, { N: 1000 }, { N: 1_000_000 }],
    interactor: raw`import sys
n, hidden = map(int, open(sys.argv[1]).read().split())
print(n, flush=True)
left = n.bit_length()
while True:
    words = sys.stdin.readline().split()
    if len(words) != 2 or words[0] not in "?!" or not words[1].lstrip("-").isdigit(): sys.exit("not a question")
    x = int(words[1])
    if words[0] == "!":
        if x != hidden: sys.exit("it is %d" % hidden)
        open(sys.argv[2], "w").write("%d questions left" % left)
        sys.exit(0)
    if left == 0: sys.exit("too many questions")
    left -= 1
    print((hidden > x) - (hidden < x), flush=True)`,
    cpp: raw`int main() { int low = 1, high = read(); while (low < high) { int x = (low + high) / 2; printf("? %d\n", x); fflush(stdout); int a = read(); if (a == 0) low = high = x; else if (a < 0) high = x - 1; else low = x + 1; }
printf("! %d\n", low); fflush(stdout); }`,
    python: raw`low, high = 1, ints()[0]
while low < high:
    x = (low + high) // 2
    print("?", x, flush=True); a = ints()[0]
    if a == 0: low = high = x
    elif a < 0: high = x - 1
    else: low = x + 1
print("!", low, flush=True)`,
    brute: raw`n = ints()[0]; x = 1
while x < n:
    print("?", x, flush=True)
    if ints()[0] == 0: break
    x += 1
print("!", x, flush=True)`,
    slowFrom: 1,
    mutants: [
      ["off-by-one", "cpp", 'printf("! %d\\n", low)', 'printf("! %d\\n", low + 1)'],
      ["wrong-format", "cpp", "fflush(stdout); int a", "int a"],
      ["boundary", "cpp", "else low = x + 1;", "else low = x;"],
      ["wrong-formula", "python", "(low + high) // 2", "low + (high - low) // 9"],
    ],
    cases: (_, { N }) => [`${N} ${N}\n`, `${N} 1\n`, `1 1\n`, `2 2\n`, `${N} ${N! - 1}\n`],
  },
  {
    name: "find-peak",
    title: "Find the peak",
    tags: ["interactive", "binary search"],
    statement:
      "Read n. A list of n different numbers is hidden that rises up to its peak and falls after it. Print `? i` to read the number at place i. Print `! i` for the place of the peak. The number of questions may be at most twice the number of binary digits of n.",
    format: "n:1..N p:1..n",
    levels: [{ N: 12 }, { N: 1000 }, { N: 1_000_000 }],
    interactor: raw`import sys
n, peak = map(int, open(sys.argv[1]).read().split())
print(n, flush=True)
left = 2 * n.bit_length()
while True:
    words = sys.stdin.readline().split()
    if len(words) != 2 or words[0] not in "?!" or not words[1].isdigit() or not 1 <= int(words[1]) <= n: sys.exit("not a question")
    i = int(words[1])
    if words[0] == "!": sys.exit(0 if i == peak else "the peak is at %d" % peak)
    if left == 0: sys.exit("too many questions")
    left -= 1
    print(2 * n - 2 * (peak - i) if i <= peak else 2 * n - 2 * (i - peak) + 1 - 2 * (i - peak), flush=True)`,
    cpp: raw`int ask(int i) { printf("? %d\n", i); fflush(stdout); return read(); }
int main() { int low = 1, high = read(); while (low < high) { int m = (low + high) / 2; if (ask(m) < ask(m + 1)) low = m + 1; else high = m; }
printf("! %d\n", low); fflush(stdout); }`,
    python: raw`low, high = 1, ints()[0]
def ask(i):
    print("?", i, flush=True)
    return ints()[0]
while low < high:
    m = (low + high) // 2
    if ask(m) < ask(m + 1): low = m + 1
    else: high = m
print("!", low, flush=True)`,
    brute: raw`n = ints()[0]; best = None
for i in range(1, n + 1):
    print("?", i, flush=True); value = ints()[0]
    if best is None or value > best[0]: best = value, i
print("!", best[1], flush=True)`,
    slowFrom: 1,
    mutants: [
      ["wrong-order", "cpp", "ask(m) < ask(m + 1)", "ask(m) > ask(m + 1)"],
      ["wrong-format", "cpp", "fflush(stdout); return", "return"],
      ["off-by-one", "python", "low = m + 1\n", "low = m + 2\n"],
    ],
    cases: (_, { N }) => [`${N} ${N}\n`, `${N} 1\n`, `1 1\n`, `3 2\n`, `4 3\n`, `${N} ${N! - 1}\n`],
  },
];
