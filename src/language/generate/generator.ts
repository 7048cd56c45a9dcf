/**
 * Text from a list of prompts: the plain face of the engine, for whoever wants all answers and not a server.
 * Each prompt draws from its own random stream, so its answer does not depend on which others share the batch.
 */
import { ConfigError, DataError } from "../../core/errors.ts";
import { createEngine, type Engine, type EngineOptions } from "../engine/engine.ts";
import type { Completion, EngineHandle, EngineRequest } from "../engine/request.ts";

export interface GenerateOptions
  extends Omit<EngineRequest, "prompt" | "n" | "firstStream" | "priority" | "program" | "topLogprobs"> {
  /** Text, or token ids as they are. */
  prompts: readonly (string | readonly number[])[];
  /** Per prompt, the ending token included. */
  maxTokens: number;
  /** Prompt i draws from Random(seed).split(i). Default 0. */
  seed?: number | string;
  /** Rows at a time; default 64. */
  maxBatch?: number;
  /** Text may lag behind ids: characters of several tokens and beginnings of stop strings are held back. */
  onToken?(promptIndex: number, token: { id: number; text: string }): void;
  onFinish?(promptIndex: number, completion: Completion): void;
}

export interface Generation {
  /** In the order of the prompts. */
  completions: Completion[];
  promptTokenCount: number;
  tokenCount: number;
  seconds: number;
  tokensPerSecond: number;
}

export interface Generator {
  /**
   * @throws DataError for a prompt that is empty or longer than the model's context; ConfigError for impossible
   * options
   */
  generate(options: GenerateOptions): Promise<Generation>;
  dispose(): void;
}

/** @param options as of `createEngine`; the engine is opened when the first text is asked for */
export function createGenerator(options: EngineOptions): Generator {
  let engine: Promise<Engine> | undefined;
  return {
    async generate(request) {
      engine ??= createEngine(options);
      return generate(await engine, request);
    },
    dispose: () => void engine?.then((opened) => opened.dispose()),
  };
}

async function generate(engine: Engine, options: GenerateOptions): Promise<Generation> {
  const { prompts, maxBatch = 64, seed = 0, onToken, onFinish, ...request } = options;
  if (!(maxBatch >= 1)) throw new ConfigError(`maxBatch: expected a whole number from 1, got ${maxBatch}`);
  const begun = performance.now();
  const completions: Completion[] = [];
  const handles: EngineHandle[] = [];
  const submit = (index: number) => {
    try {
      return engine.submit({ ...request, seed, firstStream: index, prompt: prompts[index]! });
    } catch (error) {
      throw named(error, index);
    }
  };
  const follow = async (handle: EngineHandle, index: number) => {
    try {
      for await (const event of handle) {
        if (event.type === "token") onToken?.(index, event);
        else {
          completions[index] = event.completion;
          onFinish?.(index, event.completion);
        }
      }
    } catch (error) {
      throw named(error, index);
    }
  };
  let next = 0;
  const work = async () => {
    while (next < prompts.length) {
      const index = next++;
      const handle = submit(index);
      handles.push(handle);
      await follow(handle, index);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(maxBatch, prompts.length) }, work));
  } catch (error) {
    next = prompts.length;
    for (const handle of handles) handle.abort();
    throw error;
  }
  const tokenCount = completions.reduce((total, { tokens }) => total + tokens.length, 0);
  const promptTokenCount = handles.reduce((total, handle) => total + handle.promptTokenCount, 0);
  const seconds = (performance.now() - begun) / 1000;
  return { completions, promptTokenCount, tokenCount, seconds, tokensPerSecond: tokenCount / seconds };
}

/** The same error with the prompt's place in the list. */
function named(error: unknown, index: number): unknown {
  if (!(error instanceof DataError)) return error;
  return new DataError(`prompts[${index}]: ${error.message}`, { hint: error.hint, cause: error });
}
