/**
 * Stages 4 and 8 of the factory: what shares a run of 64 characters with evaluation data is dropped; first the question
 * as it came, before anything is paid for it, then the question as the model wrote it.
 * in, out  the row
 * Source: spec section 2.1, step 5. Runs of white space count as one blank.
 *
 * Any run of 64 characters holds a whole aligned block of 32, so only every 32nd block of the evaluation text is indexed
 * and a hit is widened from there: memory is a fraction of an index of all runs.
 */
import { readFile } from "node:fs/promises";
import { contentHash } from "../../../core/canonical.ts";
import { DataError } from "../../../core/errors.ts";
import { keep, reject, type Stage } from "../../../jobs/index.ts";

const runLength = 64;
const blockLength = 32;

export interface ContaminationIndex {
  /** Of what it was made from. */
  hash: string;
  /** The first run of `text`, as long as it goes, that evaluation text has as well. */
  find(text: string): { source: string; run: string } | null;
}

const flat = (text: string) => text.replace(/\s+/g, " ");

/** @param sources evaluation texts by name */
export function contaminationIndex(sources: Readonly<Record<string, readonly string[]>>): ContaminationIndex {
  const texts: { source: string; text: string }[] = [];
  const blocks = new Map<string, [text: number, at: number][]>();
  for (const [source, list] of Object.entries(sources)) {
    for (const raw of list) {
      const text = flat(raw);
      for (let at = 0; at + blockLength <= text.length; at += blockLength) {
        const block = text.slice(at, at + blockLength);
        const places = blocks.get(block);
        if (places) places.push([texts.length, at]);
        else blocks.set(block, [[texts.length, at]]);
      }
      texts.push({ source, text });
    }
  }
  return {
    hash: contentHash(texts),
    find(raw) {
      const text = flat(raw);
      for (let at = 0; at + blockLength <= text.length; at++) {
        for (const [index, place] of blocks.get(text.slice(at, at + blockLength)) ?? []) {
          const { source, text: other } = texts[index]!;
          let [before, after] = [0, blockLength];
          while (at > before && place > before && text[at - before - 1] === other[place - before - 1]) before++;
          while (at + after < text.length && text[at + after] === other[place + after]) after++;
          if (before + after >= runLength) return { source, run: text.slice(at - before, at + after) };
        }
      }
      return null;
    },
  };
}

/**
 * All texts of evaluation files, whatever their form: every string in a JSON or JSON lines file, or the plain text.
 * @throws DataError naming the file
 */
export async function readEvaluationFiles(files: readonly string[]): Promise<Record<string, string[]>> {
  const read = async (file: string) => {
    const content = await readFile(file, "utf8").catch((cause) => {
      throw new DataError(`${file}: cannot be read: ${cause.message}`, { cause });
    });
    return [file, textsIn(file, content)] as const;
  };
  return Object.fromEntries(await Promise.all(files.map(read)));
}

function textsIn(file: string, content: string): string[] {
  try {
    if (file.endsWith(".json")) return strings(JSON.parse(content));
    if (/\.(jsonl|ndjson)$/.test(file)) {
      return content
        .split("\n")
        .filter((line) => line.trim() !== "")
        .flatMap((line) => strings(JSON.parse(line)));
    }
  } catch (cause) {
    throw new DataError(`${file}: not valid JSON: ${(cause as Error).message}`, {
      hint: "Other files are taken as plain text: name it .txt.",
      cause,
    });
  }
  return [content];
}

function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}

/** @param field the text that is looked at */
export function decontaminateStage<Row extends { process_id: number }>(
  name: string,
  field: string,
  index: ContaminationIndex,
): Stage<Row, Row> {
  return {
    name,
    version: 1,
    settings: { field, hash: index.hash },
    run(row) {
      const hit = index.find(String((row as Record<string, unknown>)[field]));
      return hit ? reject("contaminated", { row: row.process_id, ...hit }) : keep(row);
    },
  };
}
