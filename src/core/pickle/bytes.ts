/** A cursor over the bytes of a pickle that cannot be led beyond their end. */
import { DataError } from "../errors.ts";

export class PickleBytes {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #label: string;
  #at = 0;

  /** @param label names the source in messages */
  constructor(bytes: Uint8Array, label: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#label = label;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  uint8(): number {
    return this.#view.getUint8(this.#skip(1));
  }
  uint16(): number {
    return this.#view.getUint16(this.#skip(2), true);
  }
  uint32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }
  int32(): number {
    return this.#view.getInt32(this.#skip(4), true);
  }
  /** Lengths: beyond 2^53 no file reaches. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#skip(8), true));
  }
  /** Big-endian, the one number of the format that is. */
  float64(): number {
    return this.#view.getFloat64(this.#skip(8), false);
  }
  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }
  text(length: number): string {
    const bytes = this.bytes(length);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      return this.refuse("a text that is not UTF-8", { cause });
    }
  }
  /** Up to the next newline, which is taken and left out. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end === -1) this.refuse("a line without an end");
    const line = this.text(end - this.#at);
    this.#skip(1);
    return line;
  }

  refuse(why: string, details: { hint?: string; cause?: unknown } = {}): never {
    throw new DataError(`${this.#label}: ${why} at byte ${this.#at}`, {
      hint: "The file is damaged, or holds more than plain data; pickles are never executed.",
      ...details,
    });
  }

  #skip(count: number): number {
    const left = this.#bytes.length - this.#at;
    if (count > left) this.refuse(`${count} bytes are announced, ${left} are there`);
    this.#at += count;
    return this.#at - count;
  }
}
