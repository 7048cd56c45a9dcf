/**
 * What the engine asks of a model: read some more tokens of some rows, whose keys and values it finds in `KvRows` and
 * adds to there. Two runners do it: native-runner.ts (a graph written by hand, ONNX Runtime) and compiled-runner.ts
 * (the traced decoder, on every device).
 */
import { currentDevice, type Device } from "../../compute/device.ts";
import type { Outside } from "../../compute/tensor.ts";
import type { DecoderConfig } from "../decoder/config.ts";
import type { DecoderParams } from "../decoder/decoder.ts";
import { createCompiledRunner } from "./compiled-runner.ts";
import type { KvLayout, KvRows } from "./kv-rows.ts";

/** Some rows that stand next to each other, and what they read next. */
export interface RowBatch {
  firstRow: number;
  /** Per row the number of tokens read before. */
  starts: readonly number[];
  /** Per row the tokens to read, at least one. */
  tokens: readonly (readonly number[])[];
  /** Pieces of prompts; else one token per row, as it was written. */
  isPrompt: boolean;
}

export interface TokenRunner {
  readonly vocabSize: number;
  /** Tokens a row can have. */
  readonly maxPositions: number;
  /** Each ends a text. */
  readonly eosTokenIds: readonly number[];
  readonly layout: KvLayout;
  /** The sizes of arrays that hold at least so much and suit the runner: few of them where each costs a compilation. */
  sizes(rows: number, slots: number): { rows: number; slots: number };
  /**
   * Reads a batch and adds its keys and values behind those of its rows.
   * What a row reads depends neither on the rows beside it nor on how its prompt is cut: to the last bit on native,
   * to rounding elsewhere.
   * @returns per row the logits of what follows its last token; valid until the next call
   */
  extend(cache: KvRows, batch: RowBatch): Promise<Float32Array[]>;
  dispose(): Promise<void>;
}

/** What `loadModel` returns. */
export interface DecoderModel {
  config: DecoderConfig;
  params: Outside<DecoderParams>;
}

/**
 * The fastest runner for a model on `device`.
 * @param model borrowed: its parameters must outlive the runner
 */
export async function openRunner(model: DecoderModel, device: Device = currentDevice()): Promise<TokenRunner> {
  if (device !== "native") return createCompiledRunner(model, device);
  const { canRunNatively, openNativeRunner } = await import("./native-runner.ts"); // needs an optional package
  return canRunNatively(model.config) ? openNativeRunner(model) : createCompiledRunner(model, device);
}
