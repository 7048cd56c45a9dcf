/** A conversation at the terminal: one line, one answer, until the end of input. */
import { createInterface } from "node:readline/promises";
import pc from "picocolors";
import { PolymathError } from "../../core/errors.ts";
import type { ChatMessage } from "../../endpoint/endpoint.ts";

export interface ChatOptions {
  /** Shown before the first line. */
  greeting: string;
  /**
   * Answers the last message, and says it. The signal fires when the person wants no more of it.
   * @returns what goes into the conversation's memory
   */
  answer(messages: readonly ChatMessage[], signal: AbortSignal): Promise<string>;
  /** False where every line stands for itself. */
  remembers: boolean;
  /** Ends the chat. */
  signal: AbortSignal;
  /** Default: the terminal; it asks on stderr, for stdout is for answers. */
  input?: NodeJS.ReadableStream;
  output?: NodeJS.WritableStream;
}

export interface ChatResult {
  /** Lines answered. */
  turns: number;
}

/** Ctrl-C stops the answer at hand, or ends the chat when there is none; `/new` forgets what was said. */
export async function chat(options: ChatOptions): Promise<ChatResult> {
  const { greeting, answer, remembers, signal, input = process.stdin, output = process.stderr } = options;
  const terminal = createInterface({ input, output, prompt: pc.bold("> ") });
  let answering: AbortController | undefined;
  terminal.on("SIGINT", () => (answering ? answering.abort() : terminal.close()));
  const onEnd = () => {
    answering?.abort();
    terminal.close();
  };
  signal.addEventListener("abort", onEnd, { once: true });
  output.write(`${pc.dim(greeting)}\n`);
  terminal.prompt();
  let messages: ChatMessage[] = [];
  let turns = 0;
  for await (const line of terminal) {
    const content = line.trim();
    if (content === "/new") messages = [];
    else if (content) {
      answering = new AbortController();
      const asked: ChatMessage[] = [...messages, { role: "user", content }];
      const reply = await answer(asked, answering.signal).catch((error) => report(error, answering!.signal, output));
      answering = undefined;
      if (reply !== undefined) {
        turns++;
        if (remembers) messages = [...asked, { role: "assistant", content: reply }];
      }
    }
    if (signal.aborted) break;
    terminal.prompt();
  }
  signal.removeEventListener("abort", onEnd);
  output.write("\n");
  return { turns };
}

/** An answer that failed does not end the chat, and is not remembered. @throws what is a fault of ours */
function report(error: unknown, signal: AbortSignal, output: NodeJS.WritableStream): undefined {
  if (signal.aborted) output.write(pc.dim("\nstopped\n"));
  else if (error instanceof PolymathError) {
    output.write(`${pc.red("error:")} ${error.message}${error.hint ? `\n  ${error.hint}` : ""}\n`);
  } else throw error;
}
