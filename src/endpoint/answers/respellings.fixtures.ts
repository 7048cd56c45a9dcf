/** Other ways to write the same answer, as models do: each returned text must equal `answer`. */

const isPlain = (answer: string) => !/\\text|\\begin|[,=]/.test(answer);

export function respellings(answer: string): string[] {
  const forms = [`$${answer}$`, `\\(${answer}\\)`, ` ${answer} `, `${answer}.`, `\\boxed{${answer}}`, `**${answer}**`];
  const respell = (pattern: RegExp, replacement: string | ((...groups: string[]) => string)) => {
    const form = answer.replace(pattern, replacement as string);
    if (form !== answer) forms.push(form);
  };
  respell(/\\frac/g, "\\dfrac");
  respell(/\\frac/g, "\\tfrac");
  respell(/\\dfrac/g, "\\frac");
  respell(/\\frac\{(\w)\}\{(\w)\}/g, "\\frac$1$2");
  respell(/\\frac(\d) ?(\d)/g, "\\frac{$1}{$2}");
  respell(/\\frac ?\{?(\d+|\d+\\sqrt\{\d+\}|\\sqrt\{\d+\}|\\pi)\}? ?\{?(\d+)\}?/g, "($1)/$2");
  respell(/\\sqrt\{(\d+)\}/g, "\\sqrt $1");
  respell(/\\sqrt\{(\d+)\}/g, "√$1");
  respell(/\\sqrt\{(\d+)\}/g, "sqrt($1)");
  respell(/\\sqrt(\d)/g, "\\sqrt{$1}");
  respell(/\\pi/g, "π");
  respell(/-/g, "−");
  respell(/([+-])/g, " $1 ");
  respell(/(?<!\\[a-z]+) (?!\\end)(?![a-z])/g, "");
  respell(/\(/g, "\\left(");
  respell(/^\\left\((.*)\\right\)$/, "($1)");
  respell(/^([([])(.*)([)\]])$/, "\\left$1$2\\right$3");
  respell(/,/g, ", ");
  respell(/,(?!\\)/g, " , ");
  respell(/\\text\{(.*)\}$/, "$1");
  respell(/\\text\{(.*)\}$/, "\\textbf{$1}");
  respell(/\\text\{(.*)\}$/, "\\mathrm{$1}");
  respell(/^\\text\{(.*)\}$/, (_, word) => word!.toUpperCase());
  respell(/\^\\circ$/, "^{\\circ}");
  respell(/\^\\circ$/, "°");
  respell(/\^\\circ$/, "\\text{ degrees}");
  respell(/\^\\circ$/, " degrees");
  respell(/_\{?(\d)\}?$/, "_{$1}");
  respell(/_\{?(\d)\}?$/, "_$1");
  respell(/pmatrix/g, "bmatrix");
  respell(/\^(\d)/g, "^{$1}");
  respell(/^(\d+ )\\pm (.*)$/, "$1- $2, $1+ $2");
  respell(/^\\\$/, "$");
  respell(/^\\\$(.*)$/, "$1 dollars");
  if (/^-?[\d.]*$|^-?\\d?frac/.test(answer) && isPlain(answer))
    forms.push(`x = ${answer}`, `x=${answer}`, `${answer} units`);
  if (/^-?\d+(, ?-?\d+)+$/.test(answer)) forms.push(answer.split(/, ?/).reverse().join(", "), `\\{${answer}\\}`);
  if (/^-?\d+$/.test(answer)) forms.push(...integerForms(answer));
  const fraction = /^(-?)\\d?frac\{(\d+)\}\{(\d+)\}$/.exec(answer);
  if (fraction) forms.push(...fractionForms(fraction[1]!, BigInt(fraction[2]!), BigInt(fraction[3]!)));
  return forms;
}

function integerForms(answer: string): string[] {
  const grouped = (separator: string) => answer.replace(/\B(?=(\d{3})+$)/g, separator);
  const forms = [
    `${answer}.0`,
    `${answer}.00`,
    grouped(","),
    grouped("{,}"),
    grouped(",\\!"),
    grouped(" "),
    `\\frac{${answer}}{1}`,
    `${answer}e0`,
  ];
  return answer.startsWith("-") ? forms : [...forms, `+${answer}`, `${answer} \\times 10^{0}`];
}

function fractionForms(sign: string, top: bigint, bottom: bigint): string[] {
  const forms = [
    `${sign}${top}/${bottom}`,
    `${sign}${top} / ${bottom}`,
    `${sign}${2n * top}/${2n * bottom}`,
    `\\frac{${sign}${top}}{${bottom}}`,
  ];
  if (top > bottom)
    forms.push(
      `${sign}${top / bottom}\\frac{${top % bottom}}{${bottom}}`,
      `${sign}${top / bottom} ${top % bottom}/${bottom}`,
    );
  // A finite decimal where the denominator divides a power of ten.
  const places = 12;
  const scaled = 10n ** BigInt(places) * top;
  if (scaled % bottom === 0n) {
    const digits = (scaled / bottom).toString().padStart(places + 1, "0");
    forms.push(`${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`);
    forms.push(`${sign}${digits.slice(0, -places).replace(/^0$/, "")}.${digits.slice(-places).replace(/0+$/, "")}`);
  }
  return forms;
}
