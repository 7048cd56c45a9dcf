/** Shows what a model says as it says it: thinking dimmed, the answer bold, figures dimmed below. */
import pc from "picocolors";
import type { TextStream } from "../../core/log.ts";
import type { Piece } from "./think-splitter.ts";

export interface Voice {
  say(piece: Piece): void;
  /** @param figures one line on how it went */
  end(figures: string): void;
}

/** For `--json`. */
export const silence: Voice = { say: () => {}, end: () => {} };

/** @param answers where answers go: stdout (default) when they are the result; thinking is always on stderr */
export function createVoice(answers: TextStream = process.stdout): Voice {
  const aside = pc.createColors(pc.isColorSupported && process.stderr.isTTY === true);
  const aloud = pc.createColors(pc.isColorSupported && answers.isTTY === true);
  let last: Piece["kind"] | undefined;
  return {
    say({ kind, text }) {
      const shown = last === kind ? text : text.trimStart(); // no blank lines after a tag
      if (!shown) return;
      if (kind === "answer" && last === "thinking") process.stderr.write("\n");
      if (kind === "thinking") process.stderr.write(aside.dim(shown));
      else answers.write(aloud.bold(shown));
      last = kind;
    },
    end(figures) {
      if (last === "answer") answers.write("\n");
      if (last === "thinking") process.stderr.write("\n");
      process.stderr.write(`${aside.dim(figures)}\n`);
    },
  };
}

/** `3 solutions, 92 tokens, 850 tokens/s, reasoner`. */
export function describeFigures(result: {
  solutions?: number;
  tokens: number;
  tokensPerSecond: number;
  finished: boolean;
  model: string;
}): string {
  const { solutions, tokens, tokensPerSecond, finished, model } = result;
  const counted = solutions === undefined ? [] : [`${solutions} ${solutions === 1 ? "solution" : "solutions"}`];
  const figures = [...counted, `${tokens} tokens`, `${tokensPerSecond} tokens/s`, model];
  return finished ? figures.join(", ") : `${figures.join(", ")}, cut short`;
}
