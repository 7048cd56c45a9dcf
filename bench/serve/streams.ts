/** What one round of streams told, whether they ran over HTTP or straight from the endpoint. */
export interface Round {
  /** From the first request to the end of the last stream. */
  wallMs: number;
  tokenCount: number;
  /** Of each stream, from its request to its first token. */
  firstTokenMs: number[];
  /** Processor time of the process with the endpoint, all threads. */
  cpuMs: number;
}

export interface Load {
  streams: number;
  /** Of each answer. */
  tokens: number;
}

/** Runs all streams at once. @param open reads one stream, tells of its first token, resolves with its token count */
export async function runRound({ streams }: Load, open: (index: number, onFirst: () => void) => Promise<number>) {
  const firstTokenMs: number[] = [];
  const began = performance.now();
  const counts = await Promise.all(
    Array.from({ length: streams }, (_, index) => {
      const asked = performance.now();
      return open(index, () => firstTokenMs.push(performance.now() - asked));
    }),
  );
  return {
    wallMs: performance.now() - began,
    tokenCount: counts.reduce((sum, count) => sum + count, 0),
    firstTokenMs,
  };
}

/** Every stream has a prompt of its own; each is a sum, for the reasoner. */
export const promptOf = (index: number): string => `${(index % 97) + 1}+${((index * 31) % 89) + 1}+38`;
