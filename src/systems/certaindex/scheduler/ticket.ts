/** A request on its way through the scheduler, and what is known of the program it belongs to. */

export interface ScheduledRequest {
  /** Its program's name: the requests of one program belong together. */
  program: string;
  /** When the program arrived, seconds; which clock is the caller's choice, but all times are of the same one. */
  arrivedAt: number;
  promptTokens: number;
  /**
   * For longest-prefix match: text, or token ids; one kind for all requests of a scheduler. Without it, the requests of
   * a program share their prompt with each other and with nobody else.
   */
  prompt?: string | readonly number[];
  /** Of this request; what it is worth shows when the first have finished. */
  estimatedTokens: number;
  /** Units of the program's knob that it brings; default 1, a branch. */
  units?: number;
  /** Seconds after the program's arrival by which it should be done. */
  deadline?: number;
  /** Who it is for, where tenants have weights. */
  tenant?: string;
}

/**
 *   shed     its deadline passed while it waited, and late ones are not served
 *   removed  the caller gave it up
 */
export type TicketState = "waiting" | "running" | "finished" | "shed" | "removed";

export interface Ticket {
  /** Rises with the order of `add`. */
  readonly id: number;
  readonly request: ScheduledRequest;
  readonly state: TicketState;
}

/** A ticket as the scheduler itself sees it. */
export interface Entry extends Ticket {
  state: TicketState;
  readonly owner: ProgramState;
  readonly onLate: ((ticket: Ticket) => void) | undefined;
}

/** Entries in the order they came; those that wait no longer are passed over, each once. */
export class EntryQueue {
  #entries: Entry[] = [];
  #first = 0;

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  head(): Entry | undefined {
    while (this.#first < this.#entries.length && this.#entries[this.#first]!.state !== "waiting") this.#first++;
    if (this.#first > 32 && 2 * this.#first > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
    return this.#entries[this.#first];
  }
}

/** What the orders look at: one program and its requests. */
export class ProgramState {
  readonly name: string;
  /** Rises with the order in which programs became known. */
  readonly number: number;
  readonly arrivedAt: number;
  readonly tenant: string;
  /** From when on it goes before all others, seconds. */
  readonly dueAt: number;
  readonly waiting = new EntryQueue();
  waitingCount = 0;
  runningCount = 0;
  finishedCount = 0;
  /** Of what has finished. */
  units = 0;
  tokens = 0;
  /** Units that it may still spend, as it last said. */
  remainingUnits: number | undefined;
  hasEnded = false;

  constructor(
    number: number,
    { program, arrivedAt }: ScheduledRequest,
    { tenant, dueAt }: Pick<ProgramState, "tenant" | "dueAt">,
  ) {
    this.name = program;
    this.number = number;
    this.arrivedAt = arrivedAt;
    this.tenant = tenant;
    this.dueAt = dueAt;
  }

  /** Whether some of its work is running or done. */
  get hasBegun(): boolean {
    return this.runningCount + this.finishedCount > 0;
  }
}
