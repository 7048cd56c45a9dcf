/**
 * A model of a batched engine on the virtual clock. All branches that write advance together, a token each per step,
 * and how long a step takes depends on how many they are; reading a prompt holds everybody up. So the engine has one
 * progress, in tokens, and a branch ends when that has moved on by its length: each event costs O(log branches).
 */
import type { BranchResult, Executor, PlannedProgram } from "./drive.ts";
import { IndexedHeap } from "./heap.ts";
import type { Clock } from "./virtual-clock.ts";

export interface EngineSpeed {
  slots: number;
  /** Of a step that writes a token in each of so many rows. */
  secondsPerStep(rows: number): number;
  /** Of a prompt token that no cache holds; nobody writes meanwhile. Default 0. */
  secondsPerPromptToken?: number;
  /** Per branch, for what is neither reading nor writing; nobody writes meanwhile. Default 0. */
  secondsPerBranch?: number;
}

/** So many tokens a second in each slot, however many are busy. */
export function constantSpeed(slots: number, tokensPerSecond: number): EngineSpeed {
  return { slots, secondsPerStep: () => 1 / tokensPerSecond };
}

interface Row {
  /** The engine's progress at which it ends. */
  endsAt: number;
  order: number;
  end(): void;
}

export function virtualExecutor(clock: Clock, speed: EngineSpeed): Executor {
  const { slots, secondsPerStep, secondsPerPromptToken = 0, secondsPerBranch = 0 } = speed;
  const rows = new IndexedHeap<Row>((a, b) => a.endsAt - b.endsAt || a.order - b.order);
  /** Prompts that were read: branches of a program share theirs. */
  const cached = new Set<string>();
  /** Tokens that a row has written which was there from the beginning. */
  let progress = 0;
  let updatedAt = 0;
  /** Until then prompts are read. */
  let busyUntil = 0;
  let rowCount = 0;
  let cancel = () => {};

  function advance(): void {
    const from = Math.max(updatedAt, busyUntil);
    if (rows.size > 0 && clock.now() > from) progress += (clock.now() - from) / secondsPerStep(rows.size);
    updatedAt = clock.now();
  }

  function plan(): void {
    cancel();
    const next = rows.first();
    if (!next) return;
    const wait = Math.max(0, busyUntil - clock.now());
    cancel = clock.after(wait + Math.max(0, next.endsAt - progress) * secondsPerStep(rows.size), () => {
      advance();
      progress = Math.max(progress, next.endsAt); // rounding must not leave a last bit to do
      rows.remove(next);
      plan();
      next.end();
    });
  }

  function start(program: PlannedProgram, index: number, done: (result: BranchResult) => void): () => void {
    advance();
    const { id, prompt, promptTokens } = program;
    const key = prompt === undefined ? id : String(prompt);
    const cachedTokens = cached.has(key) ? promptTokens : 0;
    cached.add(key);
    const reading = (promptTokens - cachedTokens) * secondsPerPromptToken + secondsPerBranch;
    busyUntil = Math.max(busyUntil, clock.now()) + reading;
    const begun = progress;
    const end = (tokens: number) => done({ index, tokens, text: "", cachedTokens });
    const length = program.tokensOf!(index);
    const row: Row = { endsAt: begun + length, order: rowCount++, end: () => end(length) };
    rows.update(row);
    plan();
    return () => {
      advance();
      if (!rows.remove(row)) return;
      plan();
      end(Math.floor(progress - begun));
    };
  }

  return { slots, start };
}
