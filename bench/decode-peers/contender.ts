/**
 * The side of a contender in this benchmark. Step `i` answers the first `batches[i % batches.length]` prompts with
 * `answerTokens` tokens each, greedily; its value is the tokens per second after every row has its first one, so that
 * reading the prompts is not counted. The first time it meets a batch size it writes the answers down, to be compared.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeJsonAtomic } from "../../src/core/atomic.ts";
import { serveContender } from "../lib/contender.ts";

export interface Task {
  /** Of the prepared subject. */
  folder: string;
  contender: string;
  batches: number[];
  answerTokens: number;
  /** Numbers of threads to try; each batch size gets the fastest. */
  threads: number[];
  /** Peers only: which file of weights. */
  format?: string;
}

export interface DecodeRequest {
  prompts: number[][];
  answerTokens: number;
  /** To be called for each token as it comes. */
  onToken(row: number): void;
}

export interface Decoder {
  about: string;
  /** @returns the answers, without the prompts */
  generate(request: DecodeRequest): Promise<number[][]>;
}

export const answersFile = ({ folder, contender }: Task, batch: number) =>
  join(folder, `answers ${contender} ${batch}.json`);

/** A trial is repeated for so long, and the best counts: a few tokens of a small model tell nothing. */
const [trialTokens, trialMs] = [6, 300];

/** @param open called once for each number of threads */
export async function serveDecoder(open: (task: Task, threads: number) => Promise<Decoder>): Promise<void> {
  await serveContender(async ([json]) => {
    const task: Task = JSON.parse(json!);
    const { folder, batches, answerTokens, threads } = task;
    const prompts: number[][] = JSON.parse(readFileSync(join(folder, "prompts.json"), "utf8"));
    const decoders: Decoder[] = [];
    for (const count of threads) decoders.push(await open(task, count));
    const decode = async (decoder: Decoder, batch: number, tokens: number) => {
      const clock = decodeClock(batch);
      const request = { prompts: prompts.slice(0, batch), answerTokens: tokens, onToken: clock.onToken };
      const answers = await decoder.generate(request);
      return { answers, tokensPerSecond: clock.stop() };
    };
    const best = new Map<number, Decoder>();
    for (const batch of batches) {
      const rates: number[] = [];
      for (const decoder of decoders) {
        const end = performance.now() + trialMs;
        let rate = 0;
        do rate = Math.max(rate, (await decode(decoder, batch, trialTokens)).tokensPerSecond);
        while (performance.now() < end);
        rates.push(rate);
      }
      best.set(batch, decoders[rates.indexOf(Math.max(...rates))]!);
    }
    const chosen = batches.map((batch) => `${threads[decoders.indexOf(best.get(batch)!)]} at batch ${batch}`);
    return {
      about: decoders[0]!.about + (decoders.length > 1 ? `; threads: ${chosen.join(", ")}` : ""),
      async step(index) {
        const batch = batches[index % batches.length]!;
        const { answers, tokensPerSecond } = await decode(best.get(batch)!, batch, answerTokens);
        if (index < batches.length) await writeJsonAtomic(answersFile(task, batch), answers);
        return tokensPerSecond;
      },
    };
  });
}

/** Counts the tokens that come after every row has one. */
function decodeClock(rows: number) {
  const started = new Set<number>();
  let begin = 0;
  let counted = 0;
  return {
    onToken(row: number) {
      if (started.size === rows) counted++;
      else if (started.add(row).size === rows) begin = performance.now();
    },
    /** @returns tokens per second */
    stop: () => (1000 * counted) / (performance.now() - begin),
  };
}
