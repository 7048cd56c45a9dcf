/**
 * For tests only: the same decisions as the scheduler's, by sorting everything that waits anew each time. Written from
 * the definitions of the policies, without a heap, a tree or a shared function.
 */
import type { ScheduledRequest, SchedulerPolicy } from "./scheduler.ts";

interface Waiting {
  id: number;
  request: ScheduledRequest;
}

interface Program {
  number: number;
  arrivedAt: number;
  limit: number;
  running: number;
  finished: number;
  units: number;
  tokens: number;
  remaining: number | undefined;
}

export class NaiveScheduler {
  readonly #policy: SchedulerPolicy;
  readonly #ageing: number;
  readonly #programs = new Map<string, Program>();
  readonly #cached: (readonly number[])[] = [];
  #waiting: Waiting[] = [];
  #count = 0;
  #tokens = 0;
  #estimated = 0;

  constructor(policy: SchedulerPolicy, ageing: number) {
    this.#policy = policy;
    this.#ageing = ageing;
  }

  add(request: ScheduledRequest): void {
    const { program, arrivedAt } = request;
    if (!this.#programs.has(program)) {
      this.#programs.set(program, {
        number: this.#programs.size,
        arrivedAt,
        limit: arrivedAt + this.#ageing,
        running: 0,
        finished: 0,
        units: 0,
        tokens: 0,
        remaining: undefined,
      });
    }
    this.#waiting.push({ id: this.#count++, request });
  }

  remove(id: number): void {
    this.#waiting = this.#waiting.filter((one) => one.id !== id);
  }

  next(now: number): number | undefined {
    const sorted = this.#waiting.toSorted((a, b) => {
      const [keyA, keyB] = [this.#key(a, now), this.#key(b, now)];
      const at = keyA.findIndex((value, index) => value !== keyB[index]);
      return at === -1 ? 0 : keyA[at]! - keyB[at]!;
    });
    const [first] = sorted;
    if (!first) return undefined;
    this.#programs.get(first.request.program)!.running++;
    this.remove(first.id);
    if (first.request.prompt) this.#cached.push(first.request.prompt as number[]);
    return first.id;
  }

  finished({ program: name, units = 1, estimatedTokens }: ScheduledRequest, tokens: number): void {
    const program = this.#programs.get(name)!;
    program.running--;
    program.finished++;
    program.units += units;
    program.tokens += tokens;
    this.#tokens += tokens;
    this.#estimated += estimatedTokens;
  }

  updated(name: string, remaining: number): void {
    this.#programs.get(name)!.remaining = remaining;
  }

  /** Compared number by number; the last one tells all apart. */
  #key({ id, request }: Waiting, now: number): number[] {
    const program = this.#programs.get(request.program)!;
    if (program.limit <= now) return [0, program.limit, program.number, id];
    return [1, ...this.#own(request, program), id];
  }

  #own(request: ScheduledRequest, program: Program): number[] {
    const arrival = [program.arrivedAt, program.number];
    if (this.#policy === "fcfs") return [];
    if (this.#policy === "gang") return [program.running + program.finished > 0 ? 0 : 1, ...arrival];
    if (this.#policy === "lpm") return [-this.#matched(request.prompt as number[])];
    const own = this.#waiting.filter((one) => one.request.program === request.program);
    const left = program.remaining ?? own.length + program.running;
    if (program.units > 0) return [(left * program.tokens) / program.units, ...arrival];
    const head = own.reduce((a, b) => (a.id < b.id ? a : b)).request;
    const ratio = this.#estimated > 0 ? this.#tokens / this.#estimated : 1;
    return [((left * head.estimatedTokens) / (head.units ?? 1)) * ratio, ...arrival];
  }

  #matched(prompt: readonly number[]): number {
    const lengths = this.#cached.map((known) => {
      const at = prompt.findIndex((token, index) => token !== known[index]);
      return at === -1 ? prompt.length : at;
    });
    return Math.max(0, ...lengths);
  }
}
