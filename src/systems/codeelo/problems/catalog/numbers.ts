/** Divisors, remainders and digits. */
import type { Family } from "../family.ts";

const raw = String.raw;

export const numbers: Family[] = [
  {
    name: "gcd-lcm",
    title: "Divisor and multiple",
    tags: ["math", "number theory"],
    statement:
      "The first line has q, then q lines have a and b. For each, print the greatest common divisor and the least common multiple.",
    format: "q:1..N\nq * a:1..V b:1..V",
    levels: [
      { N: 8, V: 30 },
      { N: 100, V: 5000 },
      { N: 2000, V: 1e9 },
    ],
    cpp: raw`ll gcd(ll a, ll b) { return b ? gcd(b, a % b) : a; }
int main() { int q = read(); while (q--) { ll a = read(), b = read(), g = gcd(a, b); printf("%lld %lld\n", g, a / g * b); } }`,
    python: raw`from math import gcd
for _ in range(ints()[0]):
    a, b = ints(); g = gcd(a, b); print(g, a * b // g)`,
    brute: raw`for _ in range(ints()[0]):
    a, b = ints(); g = min(a, b)
    while a % g or b % g: g -= 1
    print(g, a * b // g)`,
    slowFrom: 3,
    mutants: [
      ["overflow", "cpp", "a / g * b", "(ll)((int)(a / g) * (int)b)", 3],
      ["wrong-formula", "cpp", "a / g * b", "a * b"],
      ["off-by-one", "python", "range(ints()[0])", "range(ints()[0] - 1)"],
    ],
  },
  {
    name: "prime-count",
    title: "Counting primes",
    tags: ["number theory"],
    statement: "The first line has q, then q lines have l and r. For each, print how many primes p have l ≤ p ≤ r.",
    format: "q:1..Q\nq * l:1..V r:l..V",
    levels: [
      { Q: 5, V: 40 },
      { Q: 20, V: 1000 },
      { Q: 500, V: 200_000 },
    ],
    cpp: raw`int main() { int m = 200000; vector<char> bad(m + 1); vector<int> c(m + 1);
for (int i = 2; i <= m; i++) { c[i] = c[i - 1] + !bad[i]; if (!bad[i]) for (ll j = (ll)i * i; j <= m; j += i) bad[j] = 1; }
int q = read(); while (q--) { int l = read(), r = read(); printf("%d\n", c[r] - c[l - 1]); } }`,
    python: raw`m = 200000; ok = bytearray([1]) * (m + 1); ok[0] = ok[1] = 0
for i in range(2, 450):
    if ok[i]: ok[i * i::i] = bytes(len(range(i * i, m + 1, i)))
c = [0]
for i in range(1, m + 1): c.append(c[-1] + ok[i])
for _ in range(ints()[0]):
    l, r = ints(); print(c[r] - c[l - 1])`,
    brute: raw`def prime(n):
    if n < 2: return False
    d = 2
    while d * d <= n:
        if n % d == 0: return False
        d += 1
    return True
for _ in range(ints()[0]):
    l, r = ints(); print(sum(prime(n) for n in range(l, r + 1)))`,
    slowFrom: 3,
    mutants: [
      ["boundary", "cpp", "c[r] - c[l - 1]", "c[r] - c[l]"],
      ["wrong-start", "python", "ok[0] = ok[1] = 0", "ok[0] = 0"],
      ["off-by-one", "cpp", "for (int i = 2;", "for (int i = 3;"],
    ],
    cases: (_, { V }) => [`3\n1 1\n2 2\n1 ${V}\n`, "4\n2 3\n3 5\n4 4\n9 9\n"],
  },
  {
    name: "divisor-count",
    title: "How many divisors",
    tags: ["math", "number theory"],
    statement: "The first line has q, the second q numbers. Print the number of divisors of each on a line of its own.",
    format: "q:1..Q\na[q]:1..V",
    levels: [
      { Q: 6, V: 50 },
      { Q: 20, V: 2000 },
      { Q: 20, V: 1e9 },
    ],
    cpp: raw`int main() { int q = read(); while (q--) { ll a = read(), count = 0;
for (ll d = 1; d * d <= a; d++) if (a % d == 0) count += d * d == a ? 1 : 2;
printf("%lld\n", count); } }`,
    python: raw`q = ints()[0]
for a in ints():
    count = 1; d = 2
    while d * d <= a:
        e = 0
        while a % d == 0: a //= d; e += 1
        count *= e + 1; d += 1
    print(count * (2 if a > 1 else 1))`,
    brute: raw`q = ints()[0]
for a in ints():
    count = 0
    for d in range(1, a + 1):
        if a % d == 0: count += 1
    print(count)`,
    slowFrom: 3,
    mutants: [
      ["missing-case", "cpp", "d * d == a ? 1 : 2", "2"],
      ["boundary", "cpp", "d * d <= a", "d * d < a"],
      ["missing-case", "python", "(2 if a > 1 else 1)", "1"],
    ],
    cases: (_, { V }) => [`4\n1 4 9 ${V}\n`, "3\n2 3 7\n"],
  },
  {
    name: "power-remainder",
    title: "Powers modulo m",
    tags: ["math", "number theory"],
    statement: "One line has a, e and m. Print the remainder of a to the power e, divided by m.",
    format: "a:0..V e:0..V m:1..V",
    levels: [{ V: 12 }, { V: 10_000 }, { V: 1e9 }],
    cpp: raw`int main() { ll a = read(), e = read(), m = read(), r = 1 % m; a %= m;
for (; e; e >>= 1) { if (e & 1) r = r * a % m; a = a * a % m; }
printf("%lld\n", r); }`,
    python: raw`a, e, m = ints(); print(pow(a, e, m))`,
    brute: raw`a, e, m = ints(); r = 1 % m
for _ in range(e): r = r * a % m
print(r)`,
    slowFrom: 3,
    mutants: [
      ["boundary", "cpp", "r = 1 % m", "r = 1"],
      ["overflow", "cpp", "a = a * a % m;", "a = (ll)((int)a * (int)a) % m;", 3],
      ["off-by-one", "python", "pow(a, e, m)", "pow(a, e + 1, m)"],
    ],
    cases: (_, { V }) => [
      "5 0 1\n",
      "0 0 7\n",
      "2 5 7\n",
      `${V! - 1} ${V! - 1} ${V}\n`,
      `${V! - 2} ${V! - 1} ${V! - 3}\n`,
    ],
  },
  {
    name: "fibonacci",
    title: "Fibonacci modulo m",
    tags: ["math"],
    statement: "One line has n and m. Print the n-th Fibonacci number modulo m, where the numbers 0 and 1 are 0 and 1.",
    format: "n:0..N m:1..M",
    levels: [
      { N: 20, M: 1000 },
      { N: 5000, M: 1e9 },
      { N: 1e15, M: 1e9 },
    ],
    cpp: raw`ll m; typedef pair<ll, ll> P;
P fib(ll n) { if (!n) return {0, 1 % m}; auto [a, b] = fib(n / 2); ll c = a * ((2 * b - a + m) % m) % m, d = (a * a + b * b) % m;
return n % 2 ? P(d, (c + d) % m) : P(c, d); }
int main() { ll n = read(); m = read(); printf("%lld\n", fib(n).first % m); }`,
    python: raw`n, m = ints()
def fib(n):
    if n == 0: return 0, 1
    a, b = fib(n // 2)
    c, d = a * (2 * b - a) % m, (a * a + b * b) % m
    return (d, (c + d) % m) if n % 2 else (c, d)
print(fib(n)[0] % m)`,
    brute: raw`n, m = ints(); a, b = 0, 1
for _ in range(n): a, b = b, (a + b) % m
print(a % m)`,
    slowFrom: 3,
    mutants: [
      ["wrong-start", "python", "return 0, 1\n", "return 1, 1\n"],
      ["missing-case", "cpp", "n % 2 ? P(d, (c + d) % m) : P(c, d)", "P(c, d)"],
      ["wrong-formula", "python", "(2 * b - a)", "(2 * b + a)"],
    ],
    cases: (_, { N, M }) => [`0 1\n`, `1 1\n`, `10 1000\n`, `13 1000\n`, `${N} ${M! - 7}\n`, `${N! - 1} ${M}\n`],
  },
  {
    name: "digit-sum",
    title: "Digits in a base",
    tags: ["math", "implementation"],
    statement:
      "The first line has q, then q lines have x and b. For each, print the sum of the digits of x written in base b.",
    format: "q:1..N\nq * x:0..V b:2..36",
    levels: [
      { N: 8, V: 100 },
      { N: 100, V: 1e6 },
      { N: 2000, V: 1e15 },
    ],
    cpp: raw`int main() { int q = read(); while (q--) { ll x = read(), b = read(), sum = 0;
while (x > 0) { sum += x % b; x /= b; } printf("%lld\n", sum); } }`,
    python: raw`for _ in range(ints()[0]):
    x, b = ints(); total = 0
    while x: x, digit = divmod(x, b); total += digit
    print(total)`,
    brute: raw`for _ in range(ints()[0]):
    x, b = ints(); digits = []
    power = 1
    while power * b <= x: power *= b
    while power:
        digits.append(x // power); x -= digits[-1] * power; power //= b
    print(sum(digits))`,
    slowFrom: null,
    mutants: [
      ["boundary", "cpp", "while (x > 0)", "while (x >= b)"],
      ["wrong-formula", "python", "divmod(x, b)", "divmod(x, 10)"],
      [
        "overflow",
        "cpp",
        "ll x = read(), b = read(), sum = 0;",
        "ll y = read(); int x = (int)y, b = read(); ll sum = 0;",
        3,
      ],
    ],
    cases: () => ["3\n0 2\n7 2\n35 36\n"],
  },
  {
    name: "factorial-zeros",
    title: "Zeros of a factorial",
    tags: ["math"],
    statement:
      "The first line has q, the second q numbers. For each number n, print with how many zeros n! ends in base ten.",
    format: "q:1..Q\na[q]:0..V",
    levels: [
      { Q: 6, V: 60 },
      { Q: 20, V: 1000 },
      { Q: 20, V: 1e9 },
    ],
    cpp: raw`int main() { int q = read(); while (q--) { ll n = read(), zeros = 0; while (n /= 5) zeros += n; printf("%lld\n", zeros); } }`,
    python: raw`q = ints()[0]
for n in ints():
    zeros = 0; power = 5
    while power <= n: zeros += n // power; power *= 5
    print(zeros)`,
    brute: raw`q = ints()[0]
for n in ints():
    zeros = 0
    for k in range(5, n + 1, 5):
        while k % 5 == 0: k //= 5; zeros += 1
    print(zeros)`,
    slowFrom: 3,
    mutants: [
      ["missing-case", "cpp", "while (n /= 5) zeros += n;", "zeros = n / 5;"],
      ["boundary", "python", "while power <= n", "while power < n"],
      ["wrong-formula", "python", "power *= 5", "power *= 10"],
    ],
    cases: () => ["5\n5 24 25 26 50\n", "3\n0 4 5\n"],
  },
];
