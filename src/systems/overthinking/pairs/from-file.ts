/** Sample sets from a file of responses: several rows, or a list of responses, per problem. */
import type { DataError } from "../../../core/errors.ts";
import { collapseRepeats } from "../measure/repeats.ts";
import { type PrepareOptions, prepareTrace } from "../prepare.ts";
import type { SampleSet } from "../schemas.ts";
import { readTraceFile } from "../traces/read.ts";
import { groupSamples, toSample } from "./sample.ts";

export interface SampleFileOptions extends PrepareOptions {
  /** File with the greedy response of each problem. */
  greedy?: string;
  onReject?(error: DataError): void;
  onTrace?(): void;
}

/** @throws DataError when a file or none of its rows can be used */
export async function readSampleSets(file: string, options: SampleFileOptions): Promise<SampleSet[]> {
  const greedy = options.greedy ? await readSamples(options.greedy, options) : [];
  return groupSamples(
    await readSamples(file, options),
    new Map(greedy.map(({ trace, sample }) => [trace.problem, sample])),
  );
}

async function readSamples(file: string, options: SampleFileOptions) {
  const samples = [];
  for await (const { trace } of collapseRepeats(readTraceFile(file, options))) {
    options.signal?.throwIfAborted();
    const analysed = await prepareTrace(trace, options);
    samples.push({ trace: analysed, sample: toSample(analysed, options.counter) });
    options.onTrace?.();
  }
  return samples;
}
