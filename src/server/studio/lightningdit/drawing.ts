/**
 * The drawing board: one generator open at a time, one drawing at a time, its pictures shown while they come out of the
 * noise. Each picture has a seed of its own and is then the first one of
 * `polymath lightningdit dit sample --labels CLASS --seed SEED`, whoever stands beside it in the row.
 */
import {
  createDitSampler,
  type DitConfig,
  type DitSampler,
  euler,
  type State,
  sampleNoise,
  timestepGrid,
} from "../../../diffusion/index.ts";
import { encodePng, fromSigned } from "../../../media/index.ts";
import {
  denormalise,
  type Generator,
  loadTokenizer,
  openGenerator,
  type Tokenizer,
} from "../../../systems/lightningdit/index.ts";
import type { DrawLine } from "./contract.ts";
import type { FoundGenerator } from "./generators.ts";

export interface Drawing {
  label: number;
  /** Of the first picture; the others have the seeds after it. */
  seed: number;
  count: number;
  steps: number;
  guidance: number;
}

export interface DrawingBoard {
  /** @throws DataError when the generator's files are damaged; the signal's reason */
  draw(found: FoundGenerator, drawing: Drawing, signal: AbortSignal): AsyncGenerator<DrawLine>;
  /** Ends what is being drawn, and closes the generator. */
  close(): Promise<void>;
}

interface Opened {
  hash: string;
  generator: Generator;
  tokenizer: Tokenizer;
  sampler: DitSampler;
  /** Kinds of drawings that programs are ready for. */
  ready: Set<string>;
}

/** Stretches of the path, each of which ends in a picture. */
const stretchCount = 8;

export function createDrawingBoard(): DrawingBoard {
  const closing = new AbortController();
  let opened: Opened | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  let inQueue = 0;

  const shut = () => {
    opened?.tokenizer.dispose();
    opened?.sampler.dispose();
    opened = undefined;
  };

  async function open({ hash, folder, tokenizerFolder }: FoundGenerator): Promise<Opened> {
    if (opened?.hash === hash) return opened;
    shut();
    const generator = await openGenerator(folder);
    const tokenizer = await loadTokenizer(tokenizerFolder);
    opened = { hash, generator, tokenizer, sampler: createDitSampler(generator.config), ready: new Set() };
    return opened;
  }

  return {
    async *draw(found, drawing, given) {
      const signal = AbortSignal.any([given, closing.signal]);
      const before = queue;
      const turn = Promise.withResolvers<void>();
      queue = before.then(() => turn.promise);
      inQueue++;
      try {
        if (inQueue > 1) yield { kind: "wait" };
        await unlessAborted(before, signal);
        yield* drawNow(await open(found), drawing, signal);
      } finally {
        inQueue--;
        turn.resolve();
      }
    },
    async close() {
      closing.abort();
      await queue;
      shut();
    },
  };
}

async function* drawNow(opened: Opened, drawing: Drawing, signal: AbortSignal): AsyncGenerator<DrawLine> {
  const { generator, sampler, ready } = opened;
  const { label, seed, count, steps, guidance } = drawing;
  const labels = new Int32Array(count).fill(label);
  const velocity = sampler.velocity(generator.params, labels, { scale: guidance });
  const grid = timestepGrid({ points: steps + 1 });
  let latents: State = noises(generator.config, seed, count);
  let ms = 0;
  for (const [from, to] of stretches(steps)) {
    let began = performance.now();
    if (to > from) latents = await euler(grid.subarray(from, to + 1), { velocity, from: latents, signal });
    ms += performance.now() - began;
    began = performance.now();
    const pictures = await decode(opened, latents, count);
    if (to === steps) ms += performance.now() - began;
    signal.throwIfAborted();
    yield { kind: "frame", step: to, of: steps, pictures };
  }
  const kind = `${count} ${guidance === 1}`;
  const isFirst = !ready.has(kind);
  ready.add(kind);
  yield { kind: "end", msPerPicture: ms / count, isFirst };
}

/** @returns places on the grid between which nothing is shown: [0, 0] shows the noise, the last ends at `steps` */
export function stretches(steps: number): [from: number, to: number][] {
  const count = Math.min(stretchCount, steps);
  const ends = Array.from({ length: count + 1 }, (_, i) => Math.round((i * steps) / count));
  return ends.map((to, i) => [ends[i - 1] ?? 0, to]);
}

/** @returns [count, channels, grid, grid] */
function noises(config: DitConfig, seed: number, count: number): Float32Array<ArrayBuffer> {
  const rows = Array.from({ length: count }, (_, i) => sampleNoise(config, { seed: seed + i, first: 0, count: 1 }));
  const all = new Float32Array(count * rows[0]!.length);
  for (const [i, row] of rows.entries()) all.set(row, i * row.length);
  return all;
}

/** @returns a PNG for each picture, as an address that a page can show */
async function decode({ generator, tokenizer }: Opened, latents: State, count: number): Promise<string[]> {
  const { config, latents: scale } = generator;
  const known = scale.stats && { mean: Float32Array.from(scale.stats.mean), std: Float32Array.from(scale.stats.std) };
  const scaled = Float32Array.from(latents);
  denormalise(scaled, [config.channels, config.grid, config.grid], { stats: known, multiplier: scale.multiplier });
  const pictures = await tokenizer.decode(scaled);
  const { resolution: side } = tokenizer.config;
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const png = await encodePng(fromSigned(pictures, side, side, i * 3 * side * side));
      return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
    }),
  );
}

/** Waits, but no longer than the signal lets it. @throws the signal's reason */
async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
