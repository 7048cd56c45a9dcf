/** One question to the person at the terminal. */
import { createInterface } from "node:readline/promises";
import pc from "picocolors";

/** The line typed, or "" at the end of input. Asks on stderr: stdout is for results. */
export async function promptPerson(label: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const { promise: closed, resolve } = Promise.withResolvers<string>();
  terminal.once("close", () => resolve(""));
  // readline takes Ctrl-C for itself: hand it on, so that it stops the command as everywhere else.
  terminal.once("SIGINT", () => {
    process.emit("SIGINT");
    terminal.close();
  });
  const line = await Promise.race([terminal.question(pc.bold(label)), closed]);
  terminal.close();
  return line.trim();
}
