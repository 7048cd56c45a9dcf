/** The calls about overthinking. Files live in memory until the studio ends; the page brings them again after that. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../../core/errors.ts";
import { ApiError } from "../../api-error.ts";
import type { Handlers } from "../contract.ts";
import { toRow } from "../runs/handlers.ts";
import type { RunIndex } from "../runs/run-index.ts";
import type { overthinkingCalls } from "./contract.ts";
import { TraceFile } from "./opened-file.ts";

const maxFiles = 8;

export function createOverthinkingHandlers(index: RunIndex): Handlers<keyof typeof overthinkingCalls> {
  const files = new Map<string, TraceFile>();
  const find = (name: string): TraceFile => {
    const file = files.get(name);
    if (file) return file;
    throw new ApiError(404, "file_gone", "The file is no longer open: the studio was started anew", {
      hint: "Drop it again.",
    });
  };
  return {
    async "overthinking.open"({ name, text, run, unlabelled, cuts, ...measuring }, signal) {
      const options = { unlabelled, signal };
      if ((text === undefined) === (run === undefined))
        throw new UsageError("overthinking.open: a text or a run, one of them");
      const file =
        text === undefined
          ? await TraceFile.read(join((await index.find(run!)).dir, "analysed.jsonl"), name, options)
          : await TraceFile.parse(text, name, options);
      for (const [trace, ends] of Object.entries(cuts)) await file.recut(Number(trace), ends);
      const id = randomUUID();
      files.set(id, file);
      if (files.size > maxFiles) files.delete(files.keys().next().value!);
      return file.describe(id, measuring);
    },
    "overthinking.overview": ({ file, ...measuring }) => find(file).overview(measuring),
    "overthinking.trace": ({ file, index: at, ...measuring }) => find(file).trace(at, measuring),
    async "overthinking.recut"({ file, index: at, ends, ...measuring }) {
      const found = find(file);
      await found.recut(at, ends);
      return { overview: found.overview(measuring), trace: found.trace(at, measuring) };
    },
    async "overthinking.runs"() {
      const own = (await index.all()).filter(({ info }) => info?.command === "overthinking analyze");
      const analysed = own.filter(({ dir }) => existsSync(join(dir, "analysed.jsonl"))).slice(0, 50);
      const rows = await Promise.all(analysed.map(toRow));
      return rows.map(({ key, words, started, result }) => ({ run: key, words, started: started!, result }));
    },
  };
}
