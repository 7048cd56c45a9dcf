/**
 * The nouns of judging: a problem, its tests and checker, and what judging a program gives.
 * Loaders of every format end in `Problem`; everything after them reads only this.
 * Source: CodeElo (arXiv 2501.01257) leaves judging to its platform; verdict names are the platform's.
 */
import { z } from "zod";

/** Languages the judge can run where their tools are found. */
export type LanguageId = z.output<typeof LanguageId>;
export const LanguageId = z.enum(["c", "cpp", "python", "javascript", "java"]);

export type Verdict = z.output<typeof Verdict>;
export const Verdict = z.enum([
  "OK",
  "WRONG_ANSWER",
  "PRESENTATION_ERROR",
  "TIME_LIMIT_EXCEEDED",
  "MEMORY_LIMIT_EXCEEDED",
  "IDLENESS_LIMIT_EXCEEDED", // waits for input or sleeps in place of computing
  "RUNTIME_ERROR",
  "COMPILATION_ERROR",
  "OUTPUT_LIMIT", // wrote more than it may
  "SECURITY_VIOLATED", // tried what the sandbox forbids, and died of it
  "FAILED", // our fault: checker, interactor, test or sandbox; says nothing about the program
  "SKIPPED", // not run, because an earlier test decided
]);

/** A program in source form: a submission, a checker, an interactor. */
export type Program = z.output<typeof Program>;
export const Program = z.object({
  language: LanguageId,
  source: z.string(),
  /** Further files the compiler finds beside it, by name: testlib.h. */
  files: z.record(z.string(), z.string()).default({}),
});

/** How an output is compared with the answer. Program kinds get files; `python` and `javascript` define `check`. */
export type Checker = z.output<typeof Checker>;
export const Checker = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("exact") }).describe("byte for byte"),
  z
    .object({ kind: z.literal("tokens"), caseSensitive: z.boolean().default(true) })
    .describe("the same words, whatever stands between them"),
  z
    .object({ kind: z.literal("lines") })
    .describe("line by line; blanks at line ends and empty lines at the end are free"),
  z
    .object({ kind: z.literal("float"), absolute: z.number().nonnegative(), relative: z.number().nonnegative() })
    .describe("words, where numbers may differ by `absolute` or by `relative` times the answer"),
  z.object({ kind: z.literal("yesno") }).describe("words YES and NO in any case"),
  z
    .object({ kind: z.literal("testlib"), program: Program })
    .describe("arguments input, output, answer; exit code 0 right, 1 wrong, 2 presentation, 3 broken, 7 points"),
  z
    .object({ kind: z.literal("kattis"), program: Program, flags: z.array(z.string()).default([]) })
    .describe("arguments input, answer, feedback folder; output on standard input; exit code 42 right, 43 wrong"),
  z
    .object({ kind: z.literal("python"), source: z.string() })
    .describe("def check(input, output, answer): True, False, a share from 0 to 1, or (that, message)"),
  z
    .object({ kind: z.literal("javascript"), source: z.string() })
    .describe("function check(input, output, answer): the same, a pair as a list"),
]);

/** A program that talks with the solution over two pipes. */
export type Interactor = z.output<typeof Interactor>;
export const Interactor = z.object({
  /** testlib: arguments input, transcript file, answer; kattis: input, answer, feedback folder. */
  kind: z.enum(["testlib", "kattis"]),
  program: Program,
  /** testlib: the checker then judges what the interactor wrote to its transcript file. */
  checkTranscript: z.boolean().default(false),
});

export type TestCase = z.output<typeof TestCase>;
export const TestCase = z.object({
  /** Unique within the problem; results are named by it. */
  name: z.string().min(1),
  input: z.string(),
  answer: z.string(),
  /** Shown in the statement. */
  isSample: z.boolean().default(false),
  /** Name of the subtask this test belongs to. */
  subtask: z.string().optional(),
});

/** A group of tests worth points; all of it must be right, unless `scoring` says otherwise. */
export type Subtask = z.output<typeof Subtask>;
export const Subtask = z.object({
  name: z.string().min(1),
  points: z.number().nonnegative(),
  /** all: every test right; min: points times the worst share; sum: points times the mean share. */
  scoring: z.enum(["all", "min", "sum"]).default("all"),
  /** Subtasks that must be fully right before this one counts. */
  requires: z.array(z.string()).default([]),
});

/** A program whose verdict is known: what holds the judge and the tests to the truth. */
export type KnownProgram = z.output<typeof KnownProgram>;
export const KnownProgram = z.object({
  name: z.string().min(1),
  program: Program,
  /** Verdicts that are right for it. */
  expected: z.array(Verdict).min(1),
  /** What is wrong with it: "off-by-one", "overflow"; "reference" and "brute-force" for right ones. */
  fault: z.string(),
});

const FileName = z.string().regex(/^[\w-][\w.-]*$/, "expected a file name without a folder");

export type Problem = z.output<typeof Problem>;
export const Problem = z.object({
  id: z.string().min(1),
  title: z.string().default(""),
  /** Markdown, all sections in order; empty where the format has none. */
  statement: z.string().default(""),
  /** Codeforces scale. */
  rating: z.number().optional(),
  tags: z.array(z.string()).default([]),
  timeLimitMs: z.number().positive().default(2000),
  memoryLimitMb: z.number().positive().default(256),
  outputLimitMb: z.number().positive().default(64),
  tests: z.array(TestCase),
  checker: Checker.default({ kind: "tokens", caseSensitive: true }),
  interactor: Interactor.optional(),
  /** Where programs read one file and write another, in place of standard input and output. */
  ioFiles: z.object({ input: FileName, output: FileName }).optional(),
  subtasks: z.array(Subtask).default([]),
  /** Reads an input on standard input; exit code 0 (or Kattis's 42) says that it keeps the statement's promises. */
  validator: Program.optional(),
  /** Prints an input; its arguments are what the problem's author chose, a seed among them. */
  generator: Program.optional(),
  solutions: z.array(KnownProgram).default([]),
  /** Where it came from, and what could not be read: "images are missing from the statement". */
  notes: z.array(z.string()).default([]),
});

/** One test of one program. */
export type TestResult = z.output<typeof TestResult>;
export const TestResult = z.object({
  test: z.string(),
  verdict: Verdict,
  /** From 0 to 1; less than 1 only from checkers that give parts. */
  share: z.number().min(0).max(1),
  /** CPU time of the whole process tree, of the best of `runCount` runs. */
  cpuMs: z.number(),
  wallMs: z.number(),
  memoryBytes: z.number(),
  /** More than 1 where the first run came near the limit and was repeated alone. */
  runCount: z.int(),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  /** The checker's words, or the cause of the fault. */
  message: z.string(),
  /** First kilobytes of standard error. */
  stderr: z.string(),
  /** First kilobytes of the output, kept where the verdict is not OK. */
  output: z.string(),
  /** What both sides of an interactive problem said, in order. */
  transcript: z.array(z.object({ from: z.enum(["solution", "interactor"]), text: z.string() })).optional(),
});

/** What a program was judged with: two judgements compare only under the same. */
export type JudgeStamp = z.output<typeof JudgeStamp>;
export const JudgeStamp = z.object({
  language: LanguageId,
  /** First line of the compiler or interpreter: "g++ (Debian 12.2.0-14) 12.2.0". */
  version: z.string(),
  /** Command that compiles, or that runs where nothing is compiled. */
  command: z.string(),
  /** "bubblewrap + cgroup v1", "unshare", "wasm". */
  sandbox: z.string(),
  /** Times of the WebAssembly level say nothing about limits made for native programs. */
  isComparable: z.boolean(),
});

/** One program on one problem. */
export type Judgement = z.output<typeof Judgement>;
export const Judgement = z.object({
  problem: z.string(),
  verdict: Verdict,
  /** First test that is not OK, as in the problem's order. */
  failedTest: z.string().nullable(),
  /** Points over all subtasks, or the share of right tests where there are none. */
  points: z.number(),
  maxPoints: z.number(),
  subtasks: z.array(z.object({ name: z.string(), points: z.number(), maxPoints: z.number() })),
  tests: z.array(TestResult),
  /** Largest of the tests. */
  cpuMs: z.number(),
  memoryBytes: z.number(),
  compiler: z.string().describe("what the compiler wrote, cut"),
  stamp: JudgeStamp,
  /** SHA-256 over program, tests, limits, checker and stamp: the same key, the same judgement. */
  key: z.string(),
  /** Others kept the machine's cores busy meanwhile, so times near the limit are doubtful. */
  isTimingDoubtful: z.boolean(),
});
