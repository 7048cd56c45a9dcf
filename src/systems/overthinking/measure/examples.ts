/** The traces a report shows: those that wasted most, however many there were. */
import type { AnalysedTrace } from "../prepare.ts";
import { figuresOfTrace } from "./figures.ts";

export class ExampleKeeper {
  readonly #limit: number;
  #entries: { trace: AnalysedTrace; waste: number }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(trace: AnalysedTrace): void {
    const figures = figuresOfTrace(trace);
    if (!figures || this.#limit === 0) return;
    const waste = figures.wastedTokenCount / figures.tokenCount;
    if (this.#entries.length === this.#limit && waste <= this.#entries.at(-1)!.waste) return;
    this.#entries.push({ trace, waste });
    this.#entries.sort((a, b) => b.waste - a.waste);
    this.#entries.length = Math.min(this.#limit, this.#entries.length);
  }

  get kept(): AnalysedTrace[] {
    return this.#entries.map(({ trace }) => trace);
  }
}
