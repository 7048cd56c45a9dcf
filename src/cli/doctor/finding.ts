/** What the doctor looks at: one finding per part of the machine. A probe may fail, hang or crash; a finding never does. */
import { execFile } from "node:child_process";

export interface Finding {
  section: "Runtime" | "Machine" | "Devices" | "Programs";
  name: string;
  /** Whether the thing is there and works. */
  ok: boolean;
  /** What was found, or what is wrong. */
  found: string;
  /** What it is good for. */
  enables: string;
  /** How to get what is missing. */
  get?: string;
  /** Floating-point operations per second of a matmul, in 10^9: devices only. */
  gigaflops?: number;
}

/** What a probe finds out; the rest is known before. */
export type Discovery = Pick<Finding, "ok" | "found"> & Partial<Finding>;

/** Runs a probe; whatever goes wrong, or takes longer than ten seconds, becomes the finding. */
export async function examine(known: Omit<Finding, "ok" | "found">, probe: () => Promise<Discovery>): Promise<Finding> {
  const { promise: tooLate, resolve } = Promise.withResolvers<Discovery>();
  const timer = setTimeout(() => resolve({ ok: false, found: "did not answer within 10 s" }), 10_000);
  const outcome = probe().catch((error): Discovery => ({ ok: false, found: error?.message ?? String(error) }));
  const { ok, found, ...details } = await Promise.race([outcome, tooLate]);
  clearTimeout(timer);
  const { get, ...rest } = { ...known, ...details };
  return { ...rest, ok, found: found.split("\n")[0]!, ...(ok ? {} : { get }) };
}

/** First line that a program prints, or undefined where it is missing, fails or takes longer than five seconds. */
export function firstLine(program: string, ...args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 5000, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      const line = `${stdout}${stderr}`.trim().split("\n")[0]; // java prints its version to stderr
      resolve(error ? undefined : line);
    }).stdin?.end();
  });
}

/** The first version number in a text: "gcc (Debian 12.2.0-14) 12.2.0" is 12.2.0. */
export function versionIn(text: string): string {
  return /\d+(\.\d+)+/.exec(text)?.[0] ?? text;
}
