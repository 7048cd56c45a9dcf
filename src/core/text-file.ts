/**
 * Text files read in blocks of whole lines: memory stays flat, and every fault has its line number.
 * Takes care of what is not text at all, of missing files, byte order marks, invalid UTF-8, NUL bytes and endless lines.
 */
import { isUtf8 } from "node:buffer";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { DataError } from "./errors.ts";
import { closest } from "./schema.ts";

export interface TextOptions {
  /** A longer line is refused, because it must be held in memory whole. Default 64 MiB. */
  maxLineBytes?: number;
}

/** Lines from `firstLine` (counted from 1) on, each with its end, except perhaps the file's last. */
export interface TextBlock {
  firstLine: number;
  bytes: Buffer;
}

/** A line without its end (LF or CRLF), or what is wrong with it. */
export type Line = { number: number; text: string; ended: boolean } | { number: number; problem: string; hint: string };

const blockBytes = 256 * 1024;
export const defaultMaxLineBytes = 64 * 1024 * 1024;

/**
 * All lines of a UTF-8 file; a faulty one comes as a problem, and reading can go on after it.
 * @throws DataError when the file cannot be opened or is no text file
 */
export async function* readLines(file: string, options: TextOptions = {}): AsyncGenerator<Line> {
  const { maxLineBytes = defaultMaxLineBytes } = options;
  for await (const { firstLine, bytes, tooLong } of readBlocks(file, options)) {
    if (tooLong) {
      yield { number: firstLine, ...tooLongProblem(options) };
      continue;
    }
    let number = firstLine;
    for (let start = 0; start < bytes.length; number++) {
      const newline = bytes.indexOf(10, start);
      const end = newline === -1 ? bytes.length : newline;
      const line = bytes.subarray(start, bytes[end - 1] === 13 && end > start ? end - 1 : end);
      const content = line.length > maxLineBytes ? tooLongProblem(options) : decode(line);
      yield { number, ...content, ended: newline !== -1 };
      start = end + 1;
    }
  }
}

/**
 * The same file as whole blocks, for parsers with rules of their own about line ends.
 * @throws DataError that names the line where the bytes are not UTF-8, hold a NUL or a line is too long
 */
export async function* readTextBlocks(file: string, options: TextOptions = {}): AsyncGenerator<TextBlock> {
  for await (const { firstLine, bytes, tooLong } of readBlocks(file, options)) {
    if (tooLong) throw problemAt(file, firstLine, tooLongProblem(options));
    if (!isUtf8(bytes) || bytes.includes(0)) throw firstFault(file, firstLine, bytes);
    yield { firstLine, bytes };
  }
}

/** `<file> line <number>: <problem>`. */
export function problemAt(
  file: string,
  line: number,
  { problem, hint }: { problem: string; hint?: string | undefined },
) {
  return new DataError(`${file} line ${line}: ${problem}`, hint === undefined ? {} : { hint });
}

async function* readBlocks(file: string, { maxLineBytes = defaultMaxLineBytes }: TextOptions) {
  const handle = await openData(file);
  try {
    let line = 1;
    let rest: Buffer[] = []; // pieces of a line that has not ended yet
    let restBytes = 0;
    let skipping = false; // inside a line that is too long
    for await (const chunk of readChunks(handle)) {
      if (line === 1 && restBytes === 0 && !skipping) refuseOtherFormats(file, chunk);
      let bytes = line === 1 && restBytes === 0 && !skipping ? withoutMark(chunk) : chunk;
      if (skipping) {
        const newline = bytes.indexOf(10);
        if (newline === -1) continue;
        bytes = bytes.subarray(newline + 1);
        line++;
        skipping = false;
      }
      const end = bytes.lastIndexOf(10) + 1;
      if (end > 0) {
        const block = restBytes > 0 ? Buffer.concat([...rest, bytes.subarray(0, end)]) : bytes.subarray(0, end);
        yield { firstLine: line, bytes: block, tooLong: false };
        for (let at = block.indexOf(10); at !== -1; at = block.indexOf(10, at + 1)) line++;
        [rest, restBytes] = [[], 0];
      }
      rest.push(bytes.subarray(end));
      restBytes += bytes.length - end;
      if (restBytes > maxLineBytes) {
        yield { firstLine: line, bytes: Buffer.alloc(0), tooLong: true };
        [rest, restBytes, skipping] = [[], 0, true];
      }
    }
    if (restBytes > 0) yield { firstLine: line, bytes: Buffer.concat(rest), tooLong: false };
  } finally {
    await handle.close();
  }
}

async function* readChunks(handle: FileHandle): AsyncGenerator<Buffer> {
  for (;;) {
    const buffer = Buffer.allocUnsafe(blockBytes); // a new one each time: blocks point into it
    const { bytesRead } = await handle.read(buffer, 0, blockBytes, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

function decode(line: Buffer): { text: string } | { problem: string; hint: string } {
  if (line.includes(0)) {
    const at = line.indexOf(0) + 1;
    return {
      problem: `NUL byte at byte ${at}`,
      hint: "The file was damaged, perhaps by a power cut, or it is not text: write it anew.",
    };
  }
  if (!isUtf8(line)) {
    return {
      problem: `byte ${invalidByte(line) + 1} is not UTF-8`,
      hint: "Save the file as UTF-8, e.g. iconv -f latin1 -t utf8.",
    };
  }
  return { text: line.toString("utf8") };
}

/** Decoding replaces what is not UTF-8, so the first byte that does not survive the round trip is the fault. */
function invalidByte(line: Buffer): number {
  const back = Buffer.from(line.toString("utf8"));
  const at = line.findIndex((byte, i) => byte !== back[i]);
  return Math.max(0, at);
}

function firstFault(file: string, firstLine: number, bytes: Buffer): DataError {
  for (let [number, start] = [firstLine, 0]; ; number++) {
    const newline = bytes.indexOf(10, start);
    const decoded = decode(bytes.subarray(start, newline === -1 ? bytes.length : newline));
    if ("problem" in decoded) return problemAt(file, number, decoded);
    start = newline + 1;
  }
}

function tooLongProblem({ maxLineBytes = defaultMaxLineBytes }: TextOptions) {
  return {
    problem: `longer than the limit of ${maxLineBytes} bytes`,
    hint: "Is it one value per line? Put large contents such as images into files of their own.",
  };
}

/**
 * Opens a file that a person named.
 * @throws DataError for a missing file (with the nearest name), a folder or one that may not be read
 */
export async function openData(file: string): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, "r");
    if (!(await handle.stat()).isDirectory()) return handle;
  } catch (cause) {
    throw await openError(file, cause as NodeJS.ErrnoException);
  }
  await handle.close();
  const names = (await readdir(file)).slice(0, 3);
  throw new DataError(`${file}: is a folder, expected a file`, {
    hint: names.length ? `Name a file in it, such as ${names.join(", ")}.` : "The folder is empty.",
  });
}

async function openError(file: string, cause: NodeJS.ErrnoException): Promise<DataError> {
  if (cause.code !== "ENOENT" && cause.code !== "ENOTDIR") {
    const hint = cause.code === "EACCES" ? `Allow it: chmod u+r ${file}` : undefined;
    return new DataError(`${file}: cannot be opened (${cause.code ?? cause.message})`, { hint, cause });
  }
  const folder = dirname(file);
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
    return new DataError(`${file}: no such file (there is no folder ${folder})`, { cause });
  }
  const meant = closest(basename(file), await readdir(folder).catch(() => []));
  return new DataError(`${file}: no such file`, { hint: meant && `Did you mean ${meant}?`, cause });
}

const otherFormats: { name: string; magic: number[]; hint: string }[] = [
  { name: "a Parquet file", magic: [0x50, 0x41, 0x52, 0x31], hint: "Name it .parquet." },
  { name: "compressed by gzip", magic: [0x1f, 0x8b], hint: "Unpack it first: gunzip." },
  { name: "compressed by zstd", magic: [0x28, 0xb5, 0x2f, 0xfd], hint: "Unpack it first: unzstd." },
  {
    name: "a ZIP archive or an Excel workbook",
    magic: [0x50, 0x4b, 3, 4],
    hint: "Unpack it, or save the sheet as CSV.",
  },
  { name: "UTF-16 text", magic: [0xff, 0xfe], hint: "Save it as UTF-8, e.g. iconv -f utf16 -t utf8." },
  { name: "UTF-16 text", magic: [0xfe, 0xff], hint: "Save it as UTF-8, e.g. iconv -f utf16 -t utf8." },
  { name: "a PDF document", magic: [0x25, 0x50, 0x44, 0x46], hint: "Expected text with one row per line." },
];

function refuseOtherFormats(file: string, head: Buffer): void {
  const other = otherFormats.find(({ magic }) => magic.every((byte, i) => head[i] === byte));
  if (other) throw new DataError(`${file}: is ${other.name}, not UTF-8 text`, { hint: other.hint });
}

/** Without the byte order mark that Windows programs put first. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
