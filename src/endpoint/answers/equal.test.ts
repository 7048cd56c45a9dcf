import { expect, suite, test } from "vitest";
import { answersEqual, type EqualOptions } from "./equal.ts";

/** Each pair in both orders; the failing pairs are shown with the rule that decided. */
function expectAll(pairs: [string, string][], equal: boolean, options?: EqualOptions): void {
  const wrong = pairs.flatMap(([a, b]) =>
    [answersEqual(a, b, options), answersEqual(b, a, options)]
      .filter((result) => result.equal !== equal)
      .map((result) => `${a} | ${b}: ${JSON.stringify(result)}`),
  );
  expect(wrong).toEqual([]);
}
const same = (pairs: [string, string][], options?: EqualOptions) => expectAll(pairs, true, options);
const different = (pairs: [string, string][], options?: EqualOptions) => expectAll(pairs, false, options);

suite("answersEqual: numbers", () => {
  test("one number in many spellings", () => {
    same([
      ["1,000", "1000"],
      ["1{,}000", "1 000"],
      ["10,\\!080", "10080"],
      ["11,\\! 111,\\! 111,\\! 100", "11111111100"],
      ["-0", "0"],
      ["+7", "7"],
      ["1.50", "1.5"],
      ["1.", "1"],
      [".5", "0.5"],
      ["−3", "-3"],
      ["１２", "12"],
      ["1e3", "1000"],
      ["5.0 \\times 10^3", "5000"],
      [".0000672", "6.72\\cdot10^{-5}"],
      ["10^{-3}", "0.001"],
      ["2^{31}-1", "2147483647"],
      ["$18$", "18"],
      ["\\(18\\)", "18."],
      ["**18**", "{18}"],
      ["\\boxed{18}", "\\text{18}"],
    ]);
  });
  test("fractions, mixed numbers, repeating decimals", () => {
    same([
      ["\\frac12", "\\dfrac{1}{2}"],
      ["\\frac 59", "5/9"],
      ["\\tfrac{14}{3}", "14 / 3"],
      ["\\frac{-1}{3}", "-\\frac13"],
      ["\\frac{1}{-3}", "-1/3"],
      ["1\\frac{1}{2}", "3/2"],
      ["1 1/2", "1.5"],
      ["-1\\frac12", "-1.5"],
      ["3½", "7/2"],
      ["\\frac{243}{625}", "0.3888"],
      ["0.\\overline{3}", "1/3"],
      ["4/6", "2/3"],
    ]);
  });
  test("are exact: the last digit counts, and a rounded number is another number", () => {
    different([
      ["12345678901", "12345678902"],
      ["9007199254740992", "9007199254740993"],
      ["10^{10}+1", "10^{10}"],
      ["2^{100}", "2^{100}+1"],
      ["1/3", "0.333"],
      ["3\\sqrt{13}", "10.8167"],
      ["\\pi", "3.14"],
      ["1,234", "1,235"],
      ["1 1/2", "11/2"],
      ["2 3", "23"],
      ["1.5", "15"],
    ]);
  });
  test("`tolerance` admits rounding, up to that share", () => {
    same(
      [
        ["1/3", "0.3333"],
        ["3\\sqrt{13}", "10.8167"],
        ["\\pi", "3.1416"],
      ],
      { tolerance: 1e-3 },
    );
    different(
      [
        ["1/3", "0.33"],
        ["\\pi", "3.13"],
      ],
      { tolerance: 1e-3 },
    );
  });
  test("words, where they are one number", () => {
    same([
      ["two", "2"],
      ["Twenty-one", "21"],
      ["three hundred and five", "305"],
      ["1.8 billion", "1800000000"],
      ["minus four", "-4"],
    ]);
    different([
      ["two", "3"],
      ["nineteen five", "24"],
      ["ten one", "11"],
      ["someone", "1"],
    ]);
  });
  test("a base belongs to the number", () => {
    same([
      ["52_8", "52_{8}"],
      ["40_9", "40_{\\text{nine}}"],
      ["4210_{5}", "4210 base 5"],
      ["2516_8", "2516_{\\text{eight}}"],
    ]);
    different([
      ["52_8", "52"],
      ["52_8", "42"],
      ["52_8", "52_9"],
      ["x_{1}", "1"],
    ]);
  });
});

suite("answersEqual: what stands beside a number", () => {
  test("percent: its value, or the number that was asked for", () => {
    same([
      ["50%", "0.5"],
      ["50\\%", "50"],
      ["50 percent", "50%"],
      ["33\\frac13\\%", "1/3"],
      ["\\frac{\\pi}{2}\\%", "\\pi/200"],
    ]);
    different([
      ["50%", "5"],
      ["50", "0.5"],
      ["50%", "51%"],
    ]);
    different([["50%", "50"]], { percent: "value" });
  });
  test("a unit may be missing on one side, not differ", () => {
    same([
      ["5\\text{ cm}", "5 centimeters"],
      ["5cm", "5"],
      ["12\\text{ cm}^2", "12 square centimeters"],
      ["25\\text{ square units}", "25"],
      ["90^\\circ", "90 degrees"],
      ["90°", "90"],
      ["\\frac{270}7\\text{ degrees}", "\\frac{270}{7}^\\circ"],
      ["\\$32,\\!348", "32348 dollars"],
      ["$5.00", "5"],
      ["€5", "5 euros"],
      ["60 miles per hour", "60 mph"],
      ["18 dollars per day", "18"],
      ["7 apples", "7"],
      ["3\\sqrt{2}\\mathrm{~m}", "3\\sqrt2 meters"],
    ]);
    different([
      ["5 cm", "5 m"],
      ["7 cm^2", "7 cm"],
      ["$5", "5 cents"],
      ["7 apples", "7 oranges"],
      ["90^\\circ", "\\pi/2"],
      ["2ab", "2"],
      ["5 cm", "6 cm"],
    ]);
  });
  test("times of day", () => {
    same([
      ["3:30 PM", "3:30\\text{ p.m.}"],
      ["3:30 PM", "15:30"],
      ["3:30", "3:30 pm"],
      ["12:05 am", "0:05"],
    ]);
    different([
      ["3:30 AM", "3:30 PM"],
      ["3:30", "3:31"],
      ["15:30", "3:30"],
      ["11:15", "11/15"],
    ]);
  });
});

suite("answersEqual: structure", () => {
  test("tuples are ordered, brackets of intervals matter", () => {
    same([
      ["\\left( 3, \\frac{\\pi}{2} \\right)", "(3,\\pi/2)"],
      ["(3,4]", "\\left(3, 4\\right]"],
      ["(2,\\infty)", "(2,+\\infty)"],
      ["x \\in (1,2)", "(1,2)"],
    ]);
    same([["(-\\infty,1)\\cup(2,3]", "(2,3] \\cup (-\\infty, 1)"]]);
    different([
      ["(1,2)", "(2,1)"],
      ["(3,4]", "[3,4]"],
      ["(3,4]", "(3,4)"],
      ["(1,2)", "(1,2,3)"],
      ["(1,2)", "\\{1,2\\}"],
    ]);
  });
  test("sets and bare lists have no order, unless asked", () => {
    same([
      ["\\{1,2\\}", "\\left\\{2, 1\\right\\}"],
      ["{1,2}", "\\{2,1\\}"],
      ["1,-2", "-2, 1"],
      ["1 and -2", "-2, 1"],
      ["3, 5, 7", "7, 3 and 5"],
      ["1,000, 2,000", "2000, 1000"],
    ]);
    same([
      ["1 \\pm \\sqrt{19}", "1-\\sqrt{19}, 1+\\sqrt{19}"],
      ["x = 1 \\text{ or } x = -2", "-2, 1"],
      ["x=1,y=2", "y=2, x=1"],
    ]);
    different([
      ["1,2", "1,3"],
      ["1,2", "1,2,2"],
      ["1,1,2", "1,2,2"],
      ["x=1,y=2", "x=2,y=1"],
    ]);
    different([["1,2", "2,1"]], { lists: "ordered" });
  });
  test("matrices; a column is the tuple of its entries", () => {
    const column = "\\begin{pmatrix} -1/3 \\\\ 2/3 \\\\ 5/3 \\end{pmatrix}";
    same([
      [column, "\\begin{bmatrix}-\\frac13\\\\\\frac23\\\\\\frac53\\end{bmatrix}"],
      [column, "(-1/3, 2/3, 5/3)"],
    ]);
    different([
      [column, "\\begin{pmatrix} -1/3 & 2/3 & 5/3 \\end{pmatrix}"],
      [column, "\\begin{pmatrix} 1/3 \\\\ 2/3 \\\\ 5/3 \\end{pmatrix}"],
    ]);
    different([
      ["\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "\\begin{pmatrix} 1 & 3 \\\\ 2 & 4 \\end{pmatrix}"],
    ]);
  });
  test("equations and inequalities", () => {
    same([
      ["x=5", "5"],
      ["5 = x", "x=5"],
      ["f(x) = x+1", "1+x"],
      ["y=2x+3", "2x-y+3=0"],
      ["5x - 7y + 11z + 4 = 0", "10x-14y+22z=-8"],
      ["x^2+y^2=25", "25 = y^2 + x^2"],
    ]);
    same([
      ["x \\leq 3", "3 >= x"],
      ["1 < x \\le 2", "2 \\geq x > 1"],
    ]);
    different([
      ["x=5", "y=5"],
      ["x=5", "6"],
      ["5x - 7y = 0", "5x + 7y = 0"],
      ["x < 3", "x \\le 3"],
      ["x < 3", "x > 3"],
    ]);
  });
  test("choices", () => {
    same([
      ["\\text{(C)}", "C"],
      ["(C)", "C."],
      ["\\textbf{(C)}\\ 12", "(c)"],
      ["option C", "C)"],
    ]);
    different([
      ["C", "D"],
      ["(A)", "B"],
    ]);
  });
  test("words", () => {
    same([
      ["\\text{Evelyn}", "Evelyn"],
      ["\\text{even}", "Even."],
      ["Yes", "yes"],
      ["\\text{east}", '"East"'],
    ]);
    different([
      ["no", "on"],
      ["yes", "no"],
      ["even", "odd"],
      ["Evelyn", "Evylen"],
      ["n", "N"],
      ["", "0"],
    ]);
  });
});

suite("answersEqual: formulas", () => {
  test("equal as functions", () => {
    same([
      ["11\\sqrt2", "\\sqrt{242}"],
      ["\\frac{3\\sqrt3}{4}", "\\frac{9}{4\\sqrt3}"],
      ["\\sqrt[3]{27}", "3"],
      ["\\sqrt[3]{-8}", "-2"],
      ["-\\frac{\\pi}{6}", "-\\pi/6"],
      ["288 \\pi", "288π"],
      ["x^5 - x^4 + x^3 - x^2 + x - 1", "(x-1)(x^4+x^2+1)"],
      ["(a+5)(b+2)", "ab+2a+5b+10"],
      ["\\frac{x^2-1}{x-1}", "x+1"],
      ["-13x+3", "3-13x"],
      ["\\frac{x}{2}", "0.5x"],
      ["\\cot x", "\\frac{\\cos x}{\\sin x}"],
      ["\\sin^2 x+\\cos^2 x", "1"],
      ["\\tan^{-1} x", "\\arctan x"],
      ["\\sin 30^\\circ", "1/2"],
      ["\\sin 2x", "2 \\sin x \\cos x"],
      ["\\log_2 8", "3"],
      ["\\frac{\\ln 2}{\\ln 3}", "\\log_3 2"],
      ["\\ln x^2", "2\\ln |x|"],
      ["e^{x}", "\\exp(x)"],
      ["6 - 5i", "-5i+6"],
      ["e^{i\\pi}", "-1"],
      ["(1+i)^2", "2i"],
      ["\\binom{5}{2}", "10"],
      ["5!", "120"],
      ["|-3|", "3"],
      ["\\lfloor 3.7 \\rfloor", "3"],
      ["\\sqrt{x^2}", "|x|"],
      ["x²+1", "x**2+1"],
      ["sqrt(3)/2", "\\frac{\\sqrt 3}{2}"],
      ["2\\cdot 3^2", "18"],
    ]);
  });
  test("different as functions", () => {
    different([
      ["x^2-1", "x^2+1"],
      ["\\sqrt{x^2}", "x"],
      ["2\\sqrt{3}", "\\sqrt{11}"],
      ["x^2+10^{-12}", "x^2"],
      ["x", "y"],
      ["6-5i", "6+5i"],
      ["\\sin x", "\\cos x"],
      ["\\sqrt{2}+\\sqrt{3}", "\\sqrt{5}"],
      ["2^{x}", "x^{2}"],
      ["e^{i\\pi/3}", "1"],
      ["x_1", "x_2"],
    ]);
  });
  test("says which rule decided", () => {
    expect(answersEqual("1/2", "0.5")).toEqual({ equal: true, how: "number" });
    expect(answersEqual("x(x+1)", "x^2+x")).toEqual({ equal: true, how: "expression" });
    expect(answersEqual(" 5", "5 ")).toEqual({ equal: true, how: "exact" });
    expect(answersEqual("\\dfrac12", "\\frac{1}{2}")).toEqual({ equal: true, how: "spelling" });
    expect(answersEqual("(1,2)", "east")).toEqual({ equal: false, how: "kind" });
  });
});
