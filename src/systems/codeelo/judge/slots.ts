/**
 * Who may run now: one test at a time per core, and alone where a time must be measured without neighbours.
 * Runs that asked first go first; a run alone waits until all slots are free and lets nobody in meanwhile.
 */

export interface Slots {
  /** Processors, one per slot. */
  readonly count: number;
  /** Runs `work` in the next free slot, whose processor it is given. */
  run<T>(work: (core: number | undefined) => Promise<T>): Promise<T>;
  /** Runs `work` with all other slots empty. */
  runAlone<T>(work: (core: number | undefined) => Promise<T>): Promise<T>;
}

/** @param cores processor numbers, or undefined entries for slots that may run anywhere */
export function createSlots(cores: readonly (number | undefined)[]): Slots {
  const free = [...cores];
  const waiting: { need: number; enter: () => void }[] = [];
  const admit = () => {
    while (waiting.length > 0 && free.length >= waiting[0]!.need) waiting.shift()!.enter();
  };
  const withSlots = async <T>(need: number, work: (core: number | undefined) => Promise<T>): Promise<T> => {
    const taken = await new Promise<(number | undefined)[]>((resolve) => {
      waiting.push({ need, enter: () => resolve(free.splice(0, need)) });
      admit();
    });
    try {
      return await work(taken[0]);
    } finally {
      free.push(...taken);
      admit();
    }
  };
  return {
    count: cores.length,
    run: (work) => withSlots(1, work),
    runAlone: (work) => withSlots(cores.length, work),
  };
}
