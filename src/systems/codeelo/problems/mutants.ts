/**
 * Programs of known fault: each family's own mutants, and those that any right program can be made into. A judge that
 * accepts one of them, or names its fault wrongly, is at fault itself.
 */
import type { KnownProgram, Program, Verdict } from "../schemas.ts";
import { constantsOf, cppPrelude, type Family, type Fault, type Level, pythonPrelude } from "./family.ts";

export function cppProgram(source: string): Program {
  return { language: "cpp", source: cppPrelude + source, files: {} };
}

export function pythonProgram(source: string): Program {
  return { language: "python", source: `${pythonPrelude}${source}\n`, files: {} };
}

/** References, brute force and mutants, with the verdicts that are right at this level. */
export function knownPrograms(family: Family, level: Level): KnownProgram[] {
  return [
    { name: "reference-cpp", program: cppProgram(family.cpp), expected: ["OK"], fault: "reference" },
    { name: "reference-python", program: pythonProgram(family.python), expected: ["OK"], fault: "reference" },
    bruteForce(family, level),
    ...ownMutants(family, level),
    ...generalMutants(family, level),
  ];
}

function bruteForce(family: Family, level: Level): KnownProgram {
  const isSlow = family.slowFrom !== null && level >= family.slowFrom;
  // Asking about everything takes too many questions; computing everything takes too long, or too much memory.
  const slow: Verdict[] = family.interactor ? ["WRONG_ANSWER"] : ["TIME_LIMIT_EXCEEDED", "MEMORY_LIMIT_EXCEEDED"];
  const program = pythonProgram(family.brute);
  return { name: "brute-force", program, expected: isSlow ? slow : ["OK"], fault: isSlow ? "slow" : "brute-force" };
}

/** @throws Error where a mutant's text is not in the program: a mistake in the catalogue */
function ownMutants(family: Family, level: Level): KnownProgram[] {
  return family.mutants.flatMap(([fault, language, from, to, first = 1], index) => {
    if (level < first) return [];
    const source = family[language];
    if (!source.includes(from))
      throw new Error(`${family.name}: mutant ${index + 1} changes "${from}", which is not there`);
    const mutated = source.replace(from, () => to);
    const program = language === "cpp" ? cppProgram(mutated) : pythonProgram(mutated);
    return [{ name: `${fault}-${index + 1}`, program, expected: expectedOf(family, fault), fault }];
  });
}

/** A wrong index may also crash, and a wrong bound may never end: what matters is that it is not accepted. */
function expectedOf({ interactor }: Family, fault: Fault): Verdict[] {
  if (interactor && fault === "wrong-format") return ["IDLENESS_LIMIT_EXCEEDED"]; // it does not flush
  return ["WRONG_ANSWER", "RUNTIME_ERROR", "TIME_LIMIT_EXCEEDED"];
}

interface GeneralMutant {
  fault: string;
  language: "cpp" | "python";
  /** Stands before the reference: constructors of C++ globals run before `main`. */
  before: string;
  expected: Verdict[];
  /** Only at level 1: it takes seconds, whatever the problem. */
  isSlow?: boolean;
}

const begins = (body: string) => `struct Fault { Fault() { ${body} } } fault;\n`;

const generalMutantList: GeneralMutant[] = [
  {
    fault: "infinite-loop",
    language: "cpp",
    before: begins("for (volatile int i = 0;; i = i + 1) {}"),
    expected: ["TIME_LIMIT_EXCEEDED"],
  },
  {
    fault: "memory-hog",
    language: "cpp",
    before: begins("for (;;) memset(malloc(1 << 20), 1, 1 << 20);"),
    expected: ["MEMORY_LIMIT_EXCEEDED"],
  },
  {
    fault: "crash",
    language: "cpp",
    before: begins("int* nowhere = (int*)8; *(volatile int*)nowhere = 1;"),
    expected: ["RUNTIME_ERROR"],
  },
  { fault: "prints-nothing", language: "cpp", before: begins("exit(0);"), expected: ["WRONG_ANSWER"] },
  {
    fault: "prints-extra",
    language: "cpp",
    before: 'struct Fault { ~Fault() { puts("0 0 0"); } } fault;\n',
    expected: ["WRONG_ANSWER"],
  },
  {
    fault: "exit-code",
    language: "python",
    before: "import atexit, os\natexit.register(lambda: (sys.stdout.flush(), os._exit(1)))\n",
    expected: ["RUNTIME_ERROR"],
  },
  { fault: "reads-files", language: "python", before: readsFiles(), expected: ["RUNTIME_ERROR", "WRONG_ANSWER"] },
  { fault: "does-not-compile", language: "python", before: "if True print(1)\n", expected: ["COMPILATION_ERROR"] },
  {
    fault: "fork-bomb",
    language: "python",
    before: "import os\nwhile True: os.fork()\n",
    expected: ["RUNTIME_ERROR", "TIME_LIMIT_EXCEEDED", "MEMORY_LIMIT_EXCEEDED"],
    isSlow: true,
  },
  {
    fault: "sleeps",
    language: "python",
    before: "import time\ntime.sleep(1000)\n",
    expected: ["IDLENESS_LIMIT_EXCEEDED"],
    isSlow: true,
  },
  {
    fault: "endless-output",
    language: "cpp",
    before: begins('for (;;) puts("spam spam spam spam spam spam spam spam");'),
    expected: ["OUTPUT_LIMIT"],
    isSlow: true,
  },
];

/** Looks for the answer where judges may have left it, and prints that in place of working. */
function readsFiles(): string {
  return `import glob
for name in glob.glob("/box/*") + glob.glob("/tmp/*") + glob.glob("/*/*.ans") + ["/box/answer", "answer", "../answer", "/etc/passwd"]:
    if not name.endswith(".py"): print(open(name).read()); sys.exit(0)
raise SystemExit("nothing to be found")
`;
}

function generalMutants(family: Family, level: Level): KnownProgram[] {
  return generalMutantList
    .filter(({ isSlow, fault }) => (level === 1 || !isSlow) && !isHarmless(family, fault))
    .map(({ fault, language, before, expected }) => {
      const program = language === "cpp" ? cppProgram(before + family.cpp) : pythonProgram(before + family.python);
      return { name: fault, program, expected: widened(family, fault, expected), fault };
    });
}

/** Nobody listens to an interactive program after its answer. */
function isHarmless({ interactor }: Family, fault: string): boolean {
  return interactor !== undefined && fault === "prints-extra";
}

/** The interactor hears nothing but noise, and may say so before the limit is reached. */
function widened({ interactor }: Family, fault: string, expected: Verdict[]): Verdict[] {
  return interactor && fault === "endless-output" ? [...expected, "WRONG_ANSWER"] : expected;
}

/** Names and constants of a family's level, for titles and reports. */
export function describeLevel(family: Family, level: Level): string {
  const constants = Object.entries(constantsOf(family, level)).map(
    ([name, value]) => `${name} = ${value.toLocaleString("en")}`,
  );
  return constants.join(", ");
}
