/**
 * Reads a pickle as data and executes nothing. A pickle is a program for a small stack machine; its dangerous
 * instructions name a Python function and call it. Here a name is only looked up in a list of stand-ins that the caller
 * gives, each a few lines of ours; any other name ends the reading with an error that says it.
 * Source: CPython's pickletools.py (instructions, protocols 2 to 5) and Lib/pickle.py (their meaning).
 */
import { PickleBytes } from "./bytes.ts";

/**
 * None is null, an int beyond 2^53 a bigint, a tuple or list an array, a dict or OrderedDict a Map, bytes a Uint8Array;
 * besides those whatever the stand-ins return.
 */
export type PickleValue = unknown;

/** What stands in for a Python class or function. */
export interface PickleGlobal {
  /** The value itself, e.g. of a dtype, or the name of what is later called. */
  value?: PickleValue;
  /** For REDUCE and NEWOBJ. */
  call?(args: readonly PickleValue[]): PickleValue;
  /** For BUILD, which hands an object its state; without it, BUILD is refused. */
  build?(object: PickleValue, state: PickleValue): void;
}

export interface PickleOptions {
  /** Names the source in messages; default "pickle". */
  label?: string;
  /** Stand-ins by "module.name"; default none: only plain data. */
  globals?: ReadonlyMap<string, PickleGlobal>;
  /** What a persistent id stands for, e.g. the storage of a tensor; default refused. */
  persistent?(id: PickleValue): PickleValue;
}

/** @throws DataError at the first instruction that is more than data, naming what it asked for */
export function readPickle(bytes: Uint8Array, options: PickleOptions = {}): PickleValue {
  return new Machine(bytes, options).run();
}

/** Marks where the items of a list, tuple or dict begin. */
const mark = Symbol("mark");

/** A name that was found in the list, on its way to be called. */
class Reference {
  readonly name: string;
  readonly global: PickleGlobal;

  constructor(name: string, global: PickleGlobal) {
    this.name = name;
    this.global = global;
  }
}

class Machine {
  readonly #in: PickleBytes;
  readonly #options: PickleOptions;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  /** Which stand-in made an object: BUILD asks it. */
  readonly #makers = new Map<unknown, Reference>();

  constructor(bytes: Uint8Array, options: PickleOptions) {
    this.#in = new PickleBytes(bytes, options.label ?? "pickle");
    this.#options = options;
  }

  run(): PickleValue {
    while (!this.#in.isAtEnd) {
      const opcode = this.#in.uint8();
      if (opcode === 0x2e) return plain(this.#pop()); // STOP
      const instruction = instructions.get(opcode);
      if (!instruction) this.#in.refuse(`instruction 0x${opcode.toString(16).padStart(2, "0")} is not of plain data`);
      instruction(this.#in, this);
    }
    return this.#in.refuse("no end");
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  pop(): unknown {
    return plain(this.#pop());
  }

  #pop(): unknown {
    if (this.#stack.length === 0) this.#in.refuse("an instruction without its value");
    const value = this.#stack.pop();
    return value === mark ? this.#in.refuse("a mark in place of a value") : value;
  }

  /** The topmost value stays. @throws unless it is of the wanted kind */
  top<T>(kind: abstract new (...args: any[]) => T): T {
    const value = this.#stack.at(-1);
    return value instanceof kind ? value : this.#in.refuse(`no ${kind.name.toLowerCase()} to add to`);
  }

  mark(): void {
    this.#stack.push(mark);
  }

  /** What lies above the last mark, which goes too. */
  popToMark(): unknown[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at === -1) this.#in.refuse("no mark");
    return this.#stack.splice(at).slice(1).map(plain);
  }

  popMany(count: number): unknown[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  remember(place = this.#memo.size): void {
    if (this.#stack.length === 0) this.#in.refuse("nothing to remember");
    this.#memo.set(place, this.#stack.at(-1));
  }

  recall(place: number): void {
    if (!this.#memo.has(place)) this.#in.refuse(`memory ${place} was never written`);
    this.#stack.push(this.#memo.get(place));
  }

  /** GLOBAL and STACK_GLOBAL: a name from the list, or the end. */
  look(instruction: string, module: unknown, name: unknown): void {
    const full = `${module}.${name}`;
    const global = this.#options.globals?.get(full);
    if (!global) {
      this.#in.refuse(`${instruction} asks for ${full}, which is not of plain data`, {
        hint: "Pickles are never executed. In Python, save the tensors alone (a state_dict), best as safetensors.",
      });
    }
    this.#stack.push("value" in global ? global.value : new Reference(full, global));
  }

  call(instruction: string): void {
    const args = this.#pop();
    const called = this.#pop();
    if (!(called instanceof Reference) || !called.global.call || !Array.isArray(args))
      this.#in.refuse(`${instruction} of something that cannot be called`);
    const made = called.global.call(args.map(plain));
    if (typeof made === "object" && made !== null) this.#makers.set(made, called);
    this.#stack.push(made);
  }

  build(): void {
    const state = this.pop();
    const object = this.#stack.at(-1);
    const maker = this.#makers.get(object);
    if (!maker?.global.build) this.#in.refuse("BUILD of an object that takes no state");
    maker.global.build(object, state);
  }

  persistent(): void {
    if (!this.#options.persistent) this.#in.refuse("a persistent id, which stands for something outside");
    this.#stack.push(this.#options.persistent(this.pop()));
  }
}

/** A class that is pickled itself, not called, is its name. */
function plain(value: unknown): unknown {
  return value instanceof Reference ? value.name : value;
}

type Instruction = (input: PickleBytes, machine: Machine) => void;

const instructions = new Map<number, Instruction>([
  [0x80, (input) => void input.uint8()], // PROTO
  [0x95, (input) => void input.uint64()], // FRAME
  [0x28, (_, machine) => machine.mark()], // MARK
  [0x30, (_, machine) => void machine.pop()], // POP
  [0x31, (_, machine) => void machine.popToMark()], // POP_MARK

  [0x4e, (_, machine) => machine.push(null)], // NONE
  [0x88, (_, machine) => machine.push(true)], // NEWTRUE
  [0x89, (_, machine) => machine.push(false)], // NEWFALSE
  [0x4b, (input, machine) => machine.push(input.uint8())], // BININT1
  [0x4d, (input, machine) => machine.push(input.uint16())], // BININT2
  [0x4a, (input, machine) => machine.push(input.int32())], // BININT
  [0x8a, (input, machine) => machine.push(longInteger(input.bytes(input.uint8())))], // LONG1
  [0x8b, (input, machine) => machine.push(longInteger(input.bytes(input.uint32())))], // LONG4
  [0x47, (input, machine) => machine.push(input.float64())], // BINFLOAT

  [0x8c, (input, machine) => machine.push(input.text(input.uint8()))], // SHORT_BINUNICODE
  [0x58, (input, machine) => machine.push(input.text(input.uint32()))], // BINUNICODE
  [0x8d, (input, machine) => machine.push(input.text(input.uint64()))], // BINUNICODE8
  [0x55, (input, machine) => machine.push(input.text(input.uint8()))], // SHORT_BINSTRING, of Python 2
  [0x54, (input, machine) => machine.push(input.text(input.uint32()))], // BINSTRING
  [0x43, (input, machine) => machine.push(input.bytes(input.uint8()).slice())], // SHORT_BINBYTES
  [0x42, (input, machine) => machine.push(input.bytes(input.uint32()).slice())], // BINBYTES
  [0x8e, (input, machine) => machine.push(input.bytes(input.uint64()).slice())], // BINBYTES8

  [0x5d, (_, machine) => machine.push([])], // EMPTY_LIST
  [0x6c, (_, machine) => machine.push(machine.popToMark())], // LIST
  [0x61, (_, machine) => append(machine, machine.popMany(1))], // APPEND
  [0x65, (_, machine) => append(machine, machine.popToMark())], // APPENDS
  [0x29, (_, machine) => machine.push([])], // EMPTY_TUPLE
  [0x74, (_, machine) => machine.push(machine.popToMark())], // TUPLE
  [0x85, (_, machine) => machine.push(machine.popMany(1))], // TUPLE1
  [0x86, (_, machine) => machine.push(machine.popMany(2))], // TUPLE2
  [0x87, (_, machine) => machine.push(machine.popMany(3))], // TUPLE3
  [0x7d, (_, machine) => machine.push(new Map())], // EMPTY_DICT
  [0x64, (input, machine) => dict(input, machine)], // DICT
  [0x73, (input, machine) => setItems(input, machine, machine.popMany(2))], // SETITEM
  [0x75, (input, machine) => setItems(input, machine, machine.popToMark())], // SETITEMS
  [0x8f, (_, machine) => machine.push(new Set())], // EMPTY_SET
  [0x90, (_, machine) => addItems(machine, machine.popToMark())], // ADDITEMS
  [0x91, (_, machine) => machine.push(new Set(machine.popToMark()))], // FROZENSET

  [0x94, (_, machine) => machine.remember()], // MEMOIZE
  [0x71, (input, machine) => machine.remember(input.uint8())], // BINPUT
  [0x72, (input, machine) => machine.remember(input.uint32())], // LONG_BINPUT
  [0x68, (input, machine) => machine.recall(input.uint8())], // BINGET
  [0x6a, (input, machine) => machine.recall(input.uint32())], // LONG_BINGET

  [0x63, (input, machine) => machine.look("GLOBAL", input.line(), input.line())],
  [0x93, (_, machine) => machine.look("STACK_GLOBAL", ...(machine.popMany(2) as [unknown, unknown]))],
  [0x52, (_, machine) => machine.call("REDUCE")],
  [0x81, (_, machine) => machine.call("NEWOBJ")],
  [0x62, (_, machine) => machine.build()], // BUILD
  [0x51, (_, machine) => machine.persistent()], // BINPERSID
]);

function append(machine: Machine, items: unknown[]): void {
  const list = machine.top<unknown[]>(Array);
  for (const item of items) list.push(item); // not push(...items): a list may be longer than a call's arguments
}

function addItems(machine: Machine, items: unknown[]): void {
  const set = machine.top<Set<unknown>>(Set);
  for (const item of items) set.add(item);
}

function dict(input: PickleBytes, machine: Machine): void {
  const items = machine.popToMark();
  machine.push(new Map());
  setItems(input, machine, items);
}

function setItems(input: PickleBytes, machine: Machine, items: unknown[]): void {
  const map = machine.top<Map<unknown, unknown>>(Map);
  if (items.length % 2 !== 0) input.refuse("a key without a value");
  for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
}

/** Little-endian two's complement of any length. */
function longInteger(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
  if (bytes.length > 0 && bytes.at(-1)! >= 0x80) value -= 1n << BigInt(8 * bytes.length);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
