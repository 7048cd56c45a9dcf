/**
 * Continuous batching: requests enter and leave at any step, and all that have a place write one token per step.
 * After Yu et al. 2022, "Orca" (OSDI), section 4.1; prompts are read in pieces between the steps (Agrawal et al. 2024,
 * arXiv 2403.02310, section 4.2), so that a long one holds nobody up.
 *
 * A greedy answer does not depend on what else is in the batch: on native to the last bit, because a row's arithmetic
 * is its own, a prompt may be cut anywhere, and a row that lost its place reads its own tokens one by one again.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Device } from "../../compute/device.ts";
import { ConfigError, DataError, PolymathError, UsageError } from "../../core/errors.ts";
import { Random } from "../../core/random.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { Batch } from "./batch.ts";
import { Branch } from "./branch.ts";
import { EventQueue } from "./event-queue.ts";
import type {
  Completion,
  EngineEvent,
  EngineHandle,
  EngineRequest,
  EngineStats,
  ForkOptions,
  ProgramStats,
  WaitingBranch,
} from "./request.ts";
import { type DecoderModel, openRunner, type TokenRunner } from "./runner.ts";
import { checkSampling } from "./sampling.ts";

export interface EngineOptions {
  /** What `loadModel` returns (parameters are borrowed), or any runner, which then belongs to the engine. */
  model: DecoderModel | TokenRunner;
  tokenizer: Tokenizer;
  /**
   * For keys and values, of rows and of kept prefixes together; the weights come on top, and while arrays are resized
   * one of them. Default 1 GiB.
   */
  memoryBytes?: number;
  /** Branches that write at a time; default 64. */
  maxRows?: number;
  /**
   * Called when a place is free: who gets it, first come first. Branches that it leaves out follow by priority and
   * age, which is the order without it.
   */
  order?(waiting: readonly WaitingBranch[], stats: EngineStats): readonly WaitingBranch[];
  /** Where to run; default what POLYMATH_DEVICE says. */
  device?: Device;
}

export interface Engine {
  readonly tokenizer: Tokenizer;
  /** Tokens that prompt and answer can have together. */
  readonly contextLength: number;
  /**
   * @throws DataError for a prompt that is empty, longer than the context or not of this vocabulary; ConfigError for
   * impossible options
   */
  submit(request: EngineRequest): EngineHandle;
  stats(): EngineStats;
  /** How much of a prompt needs no reading now; asking counts as no use of it. */
  cachedLength(prompt: readonly number[]): number;
  /** Empties the prefix cache, so that what comes next is measured as if nothing had been before. */
  forgetPrefixes(): void;
  /** Ends what is under way as aborted and frees everything. */
  dispose(): Promise<void>;
}

/** Statistics of programs that have ended are forgotten beyond so many. */
const mostPrograms = 1000;

interface Request {
  readonly id: number;
  readonly request: EngineRequest;
  readonly branches: Branch[];
  readonly submittedAt: number;
  readonly events: EventQueue<EngineEvent>;
  cachedTokenCount: number;
  isSettled: boolean;
  /** Later calls change nothing. */
  settle(error?: unknown): void;
}

/** @throws ConfigError when the memory does not hold a single row */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { model, tokenizer, memoryBytes = 2 ** 30, maxRows = 64, order, device } = options;
  if (!(Number.isInteger(maxRows) && maxRows >= 1))
    throw new ConfigError(`maxRows: expected a whole number from 1, got ${maxRows}`);
  const runner = "extend" in model ? model : await openRunner(model, device);
  const owners = new Map<Branch, Request>();
  const programs = new Map<string, ProgramStats>();
  const counters = { finished: 0, aborted: 0, generatedTokens: 0 };
  let waiting: Branch[] = [];
  let requestCount = 0;
  let running: Promise<void> | undefined;
  let isDisposed = false;

  const priorityOf = (branch: Branch) => owners.get(branch)!.request.priority ?? 0;
  /** By priority, then age, then place in the request. */
  const compare = (a: Branch, b: Branch) =>
    priorityOf(a) - priorityOf(b) || owners.get(a)!.id - owners.get(b)!.id || a.index - b.index;
  const batch = new Batch({
    runner,
    budgetBytes: memoryBytes,
    maxRows,
    compare,
    draw(branch, logits) {
      try {
        branch.draw(logits);
        counters.generatedTokens++;
        const program = programOf(owners.get(branch)!);
        if (program) program.generatedTokens++;
      } catch (error) {
        fail(owners.get(branch)!, error);
      }
    },
    preempt: (branch) => waiting.push(branch),
    isActive(name) {
      const program = programs.get(name);
      return program !== undefined && program.finished + program.aborted < program.submitted;
    },
  });

  function programOf({ request, submittedAt }: Request): ProgramStats | undefined {
    if (request.program === undefined) return undefined;
    for (const [name, { submitted, finished, aborted }] of programs) {
      if (programs.size < mostPrograms) break;
      if (finished + aborted === submitted) programs.delete(name);
    }
    const known = programs.get(request.program) ?? {
      submitted: 0,
      waiting: 0,
      running: 0,
      finished: 0,
      aborted: 0,
      generatedTokens: 0,
      firstSubmittedAt: submittedAt,
      lastFinishedAt: undefined,
    };
    programs.set(request.program, known);
    return known;
  }

  /** Writes down the end of a branch; the last one settles its request. */
  function ended(owner: Request, branch: Branch): void {
    const aborted = branch.completion!.finishReason === "aborted";
    counters[aborted ? "aborted" : "finished"]++;
    const program = programOf(owner);
    if (program) {
      program[aborted ? "aborted" : "finished"]++;
      program.lastFinishedAt = performance.now();
    }
    if (owner.branches.every(({ completion }) => completion)) owner.settle();
  }

  function abort(branches: readonly Branch[]): void {
    for (const branch of branches) branch.abort();
    waiting = waiting.filter(({ completion }) => !completion);
  }

  function fail(owner: Request, error: unknown): void {
    owner.settle(error);
    abort(owner.branches);
  }

  function submit(request: EngineRequest): EngineHandle {
    if (isDisposed) throw new UsageError("The engine was disposed of");
    const { n = 1, maxTokens, stop, signal, firstStream = 0 } = request;
    checkRequest(request);
    const prompt = encodePrompt(request, tokenizer, runner, batch.contextLength);
    const rng = new Random(request.seed ?? Math.random());
    const endIds = new Set([...runner.eosTokenIds, ...tokenizer.stopIds, ...(request.stopTokens ?? [])]);
    const room = Math.min(maxTokens ?? Infinity, batch.contextLength - prompt.length);
    const events = new EventQueue<EngineEvent>();
    const { promise: completions, resolve, reject } = Promise.withResolvers<Completion[]>();
    completions.catch(() => {}); // who only iterates learns of it there
    const onAbort = () => abort(owner.branches);
    const owner: Request = {
      id: requestCount++,
      request,
      branches: [],
      submittedAt: performance.now(),
      events,
      cachedTokenCount: 0,
      isSettled: false,
      settle(error) {
        if (owner.isSettled) return;
        owner.isSettled = true;
        signal?.removeEventListener("abort", onAbort);
        events.close(error);
        if (error === undefined) resolve(owner.branches.map(({ completion }) => completion!));
        else reject(error);
      },
    };
    for (let index = 0; index < n; index++) {
      const branch: Branch = new Branch({
        index,
        prompt,
        room,
        endIds,
        rng: rng.split(firstStream + index),
        tokenizer,
        request: { ...request, stop },
        emit(event) {
          events.push(event);
          if (event.type === "finish") ended(owner, branch);
        },
      });
      owner.branches.push(branch);
      owners.set(branch, owner);
    }
    const program = programOf(owner);
    if (program) program.submitted += n;
    waiting.push(...owner.branches);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    running ??= run();
    return {
      id: owner.id,
      promptTokenCount: prompt.length,
      get cachedTokenCount() {
        return owner.cachedTokenCount;
      },
      completions,
      abort: (index) => abort(index === undefined ? owner.branches : [owner.branches[index]!]),
      fork: (forkOptions) => fork(owner, forkOptions),
      [Symbol.asyncIterator]: () => events[Symbol.asyncIterator](),
    };
  }

  function fork({ branches }: Request, { branch: index = 0, append = [], ...request }: ForkOptions): EngineHandle {
    const branch = branches[index];
    if (!branch) throw new UsageError(`fork: there is no branch ${index}, only ${branches.length}`);
    batch.keep(branch);
    const added = typeof append === "string" ? tokenizer.encode(append) : append;
    return submit({ ...request, prompt: [...branch.ids, ...added] });
  }

  /** Until nothing is left to do. */
  async function run(): Promise<void> {
    try {
      while (waiting.length > 0 || batch.rows.length > 0) {
        await nextTurn(); // lets callers submit, abort and read what was written
        batch.sweep();
        admit();
        try {
          if (batch.reading.length > 0) await batch.prefill();
          batch.sweep();
          if (batch.writingCount > 0) await batch.step();
        } catch (error) {
          for (const branch of batch.rows) if (!branch.completion) fail(owners.get(branch)!, asFault(error));
        }
        batch.sweep();
        for (const branch of owners.keys()) if (branch.completion && !branch.isPlaced) owners.delete(branch);
      }
    } finally {
      running = undefined;
    }
  }

  function admit(): void {
    if (waiting.length === 0 || batch.rows.length >= maxRows) return;
    for (const branch of inOrder()) {
      if (isWorthWaiting(branch)) continue; // somebody is reading what this one needs
      if (!batch.enter(branch, waiting.length - 1)) break; // nobody overtakes: a long prompt would wait for ever
      waiting.splice(waiting.indexOf(branch), 1);
      if (branch.index === 0) owners.get(branch)!.cachedTokenCount ||= Math.min(branch.read, branch.promptCount);
    }
  }

  function inOrder(): Branch[] {
    const ordered = waiting.toSorted(compare);
    if (!order) return ordered;
    const views = new Map(ordered.map((branch) => [viewOf(branch), branch]));
    const chosen = order([...views.keys()], stats()).map((view) => views.get(view));
    return [...new Set([...chosen, ...ordered])].filter((branch) => branch !== undefined);
  }

  function viewOf(branch: Branch): WaitingBranch {
    const { id, request, submittedAt } = owners.get(branch)!;
    return {
      requestId: id,
      branch: branch.index,
      program: request.program,
      priority: request.priority ?? 0,
      submittedAt,
      promptTokenCount: branch.promptCount,
      generatedTokenCount: branch.generatedCount,
      maxTokens: branch.room,
    };
  }

  /** Whether a row is reading a prompt of which this branch could take the beginning, when it is done. */
  function isWorthWaiting(branch: Branch): boolean {
    if (batch.reading.length === 0) return false;
    const known = batch.tree.matchLength(branch.ids);
    return batch.reading.some(({ ids, promptCount }) => {
      const common = commonLength(branch.ids, ids, promptCount);
      return common - known >= 16 || (common === branch.promptCount && common === promptCount);
    });
  }

  function stats(): EngineStats {
    for (const program of programs.values()) Object.assign(program, { waiting: 0, running: 0 });
    const count = (branches: readonly Branch[], state: "waiting" | "running") => {
      for (const branch of branches) {
        const program = programOf(owners.get(branch)!);
        if (program) program[state]++;
      }
    };
    const placed = batch.rows.filter(({ completion }) => !completion);
    count(waiting, "waiting");
    count(placed, "running");
    const { asked, prefilled, reused, preempted, steps, stepRows, peakBytes } = batch.counters;
    return {
      waiting: waiting.length,
      running: placed.length,
      ...counters,
      preempted,
      promptTokens: { asked, prefilled, reused },
      steps: { count: steps, rows: stepRows },
      memory: { budgetBytes: memoryBytes, rowBytes: batch.rowBytes, prefixBytes: batch.tree.bytes, peakBytes },
      programs: new Map([...programs].map(([name, program]) => [name, { ...program }])),
    };
  }

  return {
    tokenizer,
    contextLength: batch.contextLength,
    submit,
    stats,
    cachedLength: (prompt) => batch.tree.matchLength(prompt),
    forgetPrefixes: () => void batch.tree.evictTo(0),
    async dispose() {
      isDisposed = true;
      abort([...owners.keys()]);
      await running;
      batch.tree.evictTo(0);
      await runner.dispose();
    },
  };
}

function checkRequest(request: EngineRequest): void {
  checkSampling(request);
  const { n = 1, maxTokens = 1, topLogprobs = 0, stop } = request;
  const refuse = (name: string, range: string, value: number) => {
    throw new ConfigError(`${name}: expected ${range}, got ${value}`);
  };
  if (!(Number.isInteger(n) && n >= 1)) refuse("n", "a whole number from 1", n);
  if (!(Number.isInteger(maxTokens) && maxTokens >= 1)) refuse("maxTokens", "a whole number from 1", maxTokens);
  if (!(Number.isInteger(topLogprobs) && topLogprobs >= 0)) refuse("topLogprobs", "a whole number from 0", topLogprobs);
  if (stop?.includes("")) throw new ConfigError("stop: an empty text would end every answer at once");
}

function encodePrompt(
  { prompt, special = true }: EngineRequest,
  tokenizer: Tokenizer,
  { vocabSize }: TokenRunner,
  contextLength: number,
): readonly number[] {
  const tokens = typeof prompt === "string" ? tokenizer.encode(prompt, { special }) : prompt;
  if (tokens.length === 0) throw new DataError("no tokens", { hint: "Give it some text, or a bos token." });
  const unknown = tokens.find((id) => !(id >= 0 && id < vocabSize));
  if (unknown !== undefined) {
    throw new DataError(`token ${unknown} is outside the model's vocabulary of ${vocabSize}`, {
      hint: "Use the tokenizer that belongs to the model.",
    });
  }
  if (tokens.length < contextLength) return tokens;
  throw new DataError(`${tokens.length} tokens leave no room in a context of ${contextLength}`, {
    hint: "Shorten the prompt, use a model with a longer context, or give the engine more memory.",
  });
}

function commonLength(a: readonly number[], b: readonly number[], most: number): number {
  let length = 0;
  while (length < most && length < a.length && a[length] === b[length]) length++;
  return length;
}

function asFault(error: unknown): PolymathError {
  if (error instanceof PolymathError) return error;
  return new PolymathError("FAULT", `The model failed: ${error instanceof Error ? error.message : error}`, {
    cause: error,
  });
}
