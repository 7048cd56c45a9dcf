/**
 * The header of a safetensors file: parsed as if an enemy had written it.
 * Source: https://github.com/huggingface/safetensors, README section "Format"; every rule there is checked here,
 * so that a tensor handed out always lies inside the file and no allocation exceeds the file's size.
 */
import { DataError } from "../../core/errors.ts";
import { bytesPerElement, isSafeDType, SAFE_DTYPES, type SafeDType } from "./dtypes.ts";
import { findRepeatedKey } from "./repeated-key.ts";

/** The reference's limit: the largest real headers are a few megabytes. */
export const MAX_HEADER_BYTES = 100_000_000;
export const LENGTH_BYTES = 8;

export interface HeaderEntry {
  name: string;
  dtype: SafeDType;
  shape: number[];
  /** First byte, counted from the end of the header. */
  begin: number;
  /** One past the last byte. */
  end: number;
}

export interface Header {
  metadata: Record<string, string>;
  /** In the order of their bytes. */
  entries: HeaderEntry[];
}

/**
 * Reads the length field in front of the header.
 * @param prefix the first bytes of the file, 8 or fewer where it ends
 * @returns the header's length in bytes, which the file is known to hold
 */
export function readHeaderLength(prefix: Uint8Array, fileBytes: number, file: string): number {
  if (prefix.length < LENGTH_BYTES) {
    throw new DataError(`${file}: header length: expected ${LENGTH_BYTES} bytes, the file has ${prefix.length}`, {
      hint: REFETCH,
    });
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw new DataError(`${file}: header length: expected at most ${MAX_HEADER_BYTES}, got ${length}`, {
      hint: "This is probably no safetensors file; pickled checkpoints (.bin, .pt) must be converted first.",
    });
  }
  if (LENGTH_BYTES + Number(length) > fileBytes) {
    throw new DataError(`${file}: header length: ${length} bytes do not fit into a file of ${fileBytes}`, {
      hint: REFETCH,
    });
  }
  return Number(length);
}

/**
 * Parses and checks the header's text.
 * @param bytes the header without its length field
 * @param dataBytes how many bytes follow it in the file
 * @throws DataError naming the file, tensor and field
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number, file: string): Header {
  const root = parseJson(bytes, file);
  const metadata = parseMetadata(root.__metadata__, file);
  const entries: HeaderEntry[] = [];
  for (const [name, value] of Object.entries(root)) {
    if (name !== "__metadata__") entries.push(parseEntry(name, value, file));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, dataBytes, file);
  return { metadata, entries };
}

const REFETCH = "The file is cut short or damaged; fetch or write it again.";

function parseJson(bytes: Uint8Array, file: string): Record<string, unknown> {
  if (bytes[0] !== 0x7b) {
    throw new DataError(`${file}: header: expected it to begin with "{", got byte ${bytes[0] ?? "none"}`, {
      hint: "This is probably no safetensors file.",
    });
  }
  let text: string;
  let root: Record<string, unknown>;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    root = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? cause.message : "not UTF-8";
    throw new DataError(`${file}: header: invalid JSON: ${reason}`, { hint: REFETCH, cause });
  }
  const repeated = findRepeatedKey(text);
  if (repeated !== undefined) {
    throw new DataError(`${file}: header: key ${quote(repeated)} appears twice in one object`, {
      hint: "Readers disagree on which one counts; write the file again with unique names.",
    });
  }
  return root;
}

function parseMetadata(value: unknown, file: string): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw badField(file, "__metadata__", "an object of strings", value);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") throw badField(file, `__metadata__.${key}`, "a string", text);
  }
  return value as Record<string, string>;
}

function parseEntry(name: string, value: unknown, file: string): HeaderEntry {
  const place = `tensor ${quote(name)}`;
  if (!name.isWellFormed()) throw badField(file, place, "a name of whole Unicode characters", name);
  if (!isObject(value)) throw badField(file, place, "an object with dtype, shape and data_offsets", value);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isSafeDType(dtype)) throw badField(file, `${place}: dtype`, `one of ${SAFE_DTYPES.join(", ")}`, dtype);
  if (!Array.isArray(shape) || !shape.every(isSize)) {
    throw badField(file, `${place}: shape`, "a list of whole numbers from 0", shape);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) {
    throw badField(file, `${place}: data_offsets`, "two whole numbers from 0, [begin, end]", offsets);
  }
  const [begin, end] = offsets as [number, number];
  const byteLength = shape.reduce((product, dim) => safeProduct(product, dim), bytesPerElement(dtype));
  if (byteLength === Infinity) throw badField(file, `${place}: shape`, "less than 2^53 bytes", shape);
  if (end - begin !== byteLength) {
    const needed = `${byteLength} bytes, as ${dtype} ${quote(shape)} needs`;
    throw badField(file, `${place}: data_offsets`, needed, offsets);
  }
  return { name, dtype, shape, begin, end };
}

/** The data must be covered without overlap or hole: hidden bytes could make the file a second format as well. */
function checkCoverage(entries: readonly HeaderEntry[], dataBytes: number, file: string): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      const fault = begin < covered ? "overlaps the tensor before it, which ends at" : "leaves a hole after byte";
      throw new DataError(`${file}: tensor ${quote(name)}: data_offsets: [${begin}, ${end}] ${fault} ${covered}`, {
        hint: "The header is damaged or was edited; write the file again.",
      });
    }
    if (end > dataBytes) {
      throw new DataError(
        `${file}: tensor ${quote(name)}: data_offsets: [${begin}, ${end}] ends past the data, which has ${dataBytes} bytes`,
        { hint: REFETCH },
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw new DataError(`${file}: data: ${dataBytes - covered} bytes at the end belong to no tensor`, {
      hint: "The file was appended to, or its header is damaged; write it again.",
    });
  }
}

function badField(file: string, place: string, expected: string, found: unknown): DataError {
  return new DataError(`${file}: ${place}: expected ${expected}, got ${quote(found)}`, {
    hint: "The header is damaged, or its writer does not follow the safetensors format.",
  });
}

/** As JSON, cut to a length that fits a terminal; nested values, which may be deep without end, in words. */
function quote(value: unknown): string {
  if (value === undefined) return "nothing";
  if (isObject(value)) return "an object";
  if (Array.isArray(value) && value.some((item) => typeof item === "object")) return "a nested list";
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120).toWellFormed()}...` : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Infinity once the product passes 2^53, also if a later dimension is 0: as strict as the reference. */
function safeProduct(product: number, dim: number): number {
  return product <= Number.MAX_SAFE_INTEGER / Math.max(dim, 1) ? product * dim : Infinity;
}
