/**
 * Who goes first among the programs that wait: first come first served, gang, approximate shortest job first.
 * Each keeps heaps of programs, so a change costs O(log programs) and nothing is ever sorted.
 * Source: Fu et al. 2024, arXiv 2412.20993, the inter-program scheduler.
 */
import { IndexedHeap } from "./heap.ts";
import type { Entry, ProgramState } from "./ticket.ts";

/** The waiting requests of one tenant, in some order. */
export interface WaitingOrder {
  /** A request has begun to wait, or waits no longer (its state says why); its program has changed with it. */
  changed(entry: Entry): void;
  /** What runs, has finished or remains of a program has changed. */
  programChanged(program: ProgramState): void;
  /** A request of any tenant was let through. */
  issued?(entry: Entry): void;
  first(): Entry | undefined;
}

type Compare = (a: ProgramState, b: ProgramState) => number;

const headOf = (program: ProgramState) => program.waiting.head()!;

const byArrival: Compare = (a, b) => a.arrivedAt - b.arrivedAt || a.number - b.number;

/** By the time of the request, whichever program it belongs to: the next round of a program queues up again. */
export const byRequest: Compare = (a, b) => headOf(a).id - headOf(b).id;

/** Programs with work under way or done first; both kinds by the program's arrival. */
export const byGang: Compare = (a, b) => Number(b.hasBegun) - Number(a.hasBegun) || byArrival(a, b);

/** One heap of the programs that have something waiting. */
export function programOrder(compare: Compare): WaitingOrder {
  const heap = new IndexedHeap(compare);
  const programChanged = (program: ProgramState) => {
    if (program.waitingCount > 0) heap.update(program);
    else heap.remove(program);
  };
  return {
    changed: ({ owner }) => programChanged(owner),
    programChanged,
    first: () => heap.first()?.waiting.head(),
  };
}

/** Over all requests that have finished: tokens written, and tokens their programs had expected. */
export interface History {
  tokens: number;
  estimated: number;
}

/** Units still to come: what the program said, else what is known of it. */
const unitsLeft = ({ remainingUnits, waitingCount, runningCount }: ProgramState) =>
  remainingUnits ?? waitingCount + runningCount;

/** Tokens still to come by the program's own mean per unit; it must have a history. */
const ownEstimate = (program: ProgramState) => (unitsLeft(program) * program.tokens) / program.units;

/** Tokens still to come as the program itself expects them. */
function firstEstimate(program: ProgramState): number {
  const { estimatedTokens, units = 1 } = headOf(program).request;
  return (unitsLeft(program) * estimatedTokens) / units;
}

/** How wrong expectations were so far: with equal ones this makes of them the mean of all programs. */
const correction = ({ tokens, estimated }: History) => (estimated > 0 ? tokens / estimated : 1);

/** Tokens that a waiting program still needs, by its own history, else by everybody's. */
function estimateRemaining(program: ProgramState, history: History): number {
  return program.units > 0 ? ownEstimate(program) : firstEstimate(program) * correction(history);
}

/**
 * Least work left first. Everybody's mean moves with each request that ends, but it moves all programs without a
 * history of their own alike: these keep their order in a heap apart, and only the two first ones meet it.
 */
export function shortestFirst(history: History): WaitingOrder {
  const known = new IndexedHeap<ProgramState>((a, b) => ownEstimate(a) - ownEstimate(b) || byArrival(a, b));
  const fresh = new IndexedHeap<ProgramState>((a, b) => firstEstimate(a) - firstEstimate(b) || byArrival(a, b));
  const programChanged = (program: ProgramState) => {
    const [home, other] = program.units > 0 ? [known, fresh] : [fresh, known];
    other.remove(program);
    if (program.waitingCount > 0) home.update(program);
    else home.remove(program);
  };
  return {
    changed: ({ owner }) => programChanged(owner),
    programChanged,
    first() {
      const [a, b] = [known.first(), fresh.first()];
      if (!a || !b) return (a ?? b)?.waiting.head();
      const difference = estimateRemaining(a, history) - estimateRemaining(b, history) || byArrival(a, b);
      return headOf(difference < 0 ? a : b);
    },
  };
}
