/**
 * A contender is one implementation of a repeated step, alone in a child process, so that peers share no heap, no
 * thread pool and no compiled-code cache. The parent lets them take turns (see paired.ts).
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

export interface Contender {
  /** What runs: name, version, backend, threads. */
  about: string;
  /** One step; the number (a loss) is compared between contenders, and reading it ends the step. */
  step(index: number): Promise<number>;
}

export interface Round {
  /** Milliseconds per step, over the steps of this round. */
  ms: number;
  values: number[];
}

type Request = { from: number; count: number };

/** The child's side: open once, then answer each request with a round. */
export async function serveContender(open: (args: string[]) => Promise<Contender>): Promise<void> {
  const contender = await open(process.argv.slice(2));
  process.on("message", async ({ from, count }: Request) => {
    try {
      const values: number[] = [];
      const start = performance.now();
      for (let index = from; index < from + count; index++) values.push(await contender.step(index));
      process.send!({ ms: (performance.now() - start) / count, values } satisfies Round);
    } catch (error) {
      console.error(error);
      process.exit(1);
    }
  });
  process.send!({ about: contender.about });
}

export interface ContenderProcess {
  name: string;
  about: string;
  run(from: number, count: number): Promise<Round>;
  close(): void;
}

/** The parent's side. @throws when the child cannot start, with what it wrote to stderr */
export async function openContender(
  name: string,
  file: URL,
  args: string[],
  env: Record<string, string> = {},
): Promise<ContenderProcess> {
  const child = fork(file, args, { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let stderr = "";
  child.stderr!.on("data", (chunk) => {
    stderr = (stderr + chunk).slice(-4000);
  });
  const answer = <T>() => nextMessage<T>(child, () => `${name} ended early:\n${stderr}`);
  const { about } = await answer<{ about: string }>();
  return {
    name,
    about,
    run(from, count) {
      child.send({ from, count } satisfies Request);
      return answer<Round>();
    },
    close: () => child.kill(),
  };
}

async function nextMessage<T>(child: ChildProcess, describe: () => string): Promise<T> {
  const stop = new AbortController();
  try {
    const exited = once(child, "close", { signal: stop.signal }).then(() => {
      throw new Error(describe());
    });
    const [message] = await Promise.race([once(child, "message", { signal: stop.signal }), exited]);
    return message as T;
  } finally {
    stop.abort();
  }
}
