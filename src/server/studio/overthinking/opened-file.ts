/** A file of responses that somebody looks at: its analysed traces in memory, and the figures over them. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { DataError } from "../../../core/errors.ts";
import {
  type AnalysedTrace,
  type Analysis,
  analyseFile,
  analysisReport,
  checkersOf,
  figuresOfTrace,
  moneyOf,
  type PrepareOptions,
  recutTrace,
  SummaryBuilder,
  type TokenBasis,
  traceSection,
  whitespaceCounter,
} from "../../../systems/overthinking/index.ts";
import type { OpenedFile, Overview, TraceRow, TraceView } from "./contract.ts";

interface Entry {
  original: AnalysedTrace;
  /** Cut by hand. */
  recut: AnalysedTrace | null;
  copies: number;
}

export interface Measuring {
  tokens: TokenBasis;
  price?: number | undefined;
}

const prepare: PrepareOptions = { checkers: checkersOf("maths"), counter: whitespaceCounter };
const shownRejects = 20;
const shownProblem = 160;

export class TraceFile {
  readonly #entries: Entry[];
  readonly #analysis: Analysis;
  readonly #rejects: string[];
  readonly name: string;

  private constructor(name: string, analysis: Analysis, entries: Entry[], rejects: string[]) {
    this.name = name;
    this.#analysis = analysis;
    this.#entries = entries;
    this.#rejects = rejects;
  }

  /** @throws DataError when none of its rows can be used */
  static async read(path: string, name: string, { unlabelled, signal }: { unlabelled: boolean; signal: AbortSignal }) {
    const entries: Entry[] = [];
    const rejects: string[] = [];
    const analysis = await analyseFile(path, {
      ...prepare,
      unlabelled,
      signal,
      exampleCount: 0,
      onTrace: (original, copies) => void entries.push({ original, recut: null, copies }),
      onReject: ({ message }) => void (rejects.length < shownRejects && rejects.push(message.replace(path, name))),
    });
    return new TraceFile(name, analysis, entries, rejects);
  }

  /** As `read`, for a text that is no file yet. */
  static async parse(text: string, name: string, options: { unlabelled: boolean; signal: AbortSignal }) {
    const folder = await mkdtemp(join(tmpdir(), "polymath-dropped-"));
    const known = [".jsonl", ".json", ".csv"].includes(extname(name).toLowerCase());
    const path = join(folder, known ? basename(name) : `${basename(name) || "dropped"}.jsonl`);
    try {
      await writeFile(path, text);
      return await TraceFile.read(path, name, options);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      throw new DataError(error.message.replaceAll(path, name), { hint: error.hint });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** @param ends null takes the hand-made cuts back */
  async recut(index: number, ends: readonly number[] | null): Promise<void> {
    const entry = this.#entry(index);
    entry.recut = ends && (await recutTrace(entry.original, ends, prepare));
  }

  describe(file: string, measuring: Measuring): OpenedFile {
    const { tokenizer, rowCount, rejectedCount } = this.#analysis;
    const overview = this.overview(measuring);
    return { file, name: this.name, tokenizer, rowCount, rejectedCount, rejects: this.#rejects, overview };
  }

  overview({ tokens, price }: Measuring): Overview {
    const builder = new SummaryBuilder(tokens);
    for (const { original, recut, copies } of this.#entries) builder.add(recut ?? original, copies);
    const summary = builder.finish();
    const analysis = { ...this.#analysis, ...summary, basis: tokens, examples: [] };
    const { sections } = analysisReport(analysis, null);
    return {
      all: summary.groups[0]!,
      totals: summary.totals,
      money: price === undefined ? null : moneyOf(summary.totals, price),
      sections: sections.filter(({ kind }) => kind === "chart" || kind === "table"),
      traces: this.#entries.map((_, index) => this.#row(index, tokens)),
    };
  }

  trace(index: number, { tokens }: Measuring): TraceView {
    const { original, recut } = this.#entry(index);
    const trace = recut ?? original;
    const figures = figuresOfTrace(trace, tokens);
    const section = traceSection(trace);
    const toned = section.kind === "trace" ? section.pieces : [];
    let counted = 0; // the report leaves out pieces without a token
    return {
      ...this.#row(index, tokens),
      problem: trace.problem,
      expected: trace.expected,
      answer: trace.answer,
      flags: trace.flags,
      closing: trace.closing,
      pieces: trace.solutions.map(({ text, answer, correct, strategy, tokenCount }) => {
        const at = tokenCount > 0 ? counted++ : -1;
        const tone = toned[at]?.tone ?? "dim";
        return { text, answer, correct, strategy, tokenCount, tone, isRepeat: figures?.isNew[at] === false };
      }),
    };
  }

  #row(index: number, tokens: TokenBasis): TraceRow {
    const { original, recut } = this.#entry(index);
    const trace = recut ?? original;
    const figures = figuresOfTrace(trace, tokens);
    return {
      index,
      id: trace.id,
      problem: trace.problem.slice(0, shownProblem),
      level: trace.level,
      correct: trace.correct,
      solutionCount: figures?.solutionCount ?? 0,
      tokenCount: figures?.tokenCount ?? 0,
      wastedTokenCount: figures?.wastedTokenCount ?? 0,
      outcome: figures?.outcome ?? null,
      process: figures?.process ?? null,
      isRecut: recut !== null,
    };
  }

  #entry(index: number): Entry {
    const entry = this.#entries[index];
    if (entry) return entry;
    throw new DataError(`${this.name} has ${this.#entries.length} traces, none at ${index}`);
  }
}
