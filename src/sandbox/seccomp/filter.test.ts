import { expect, suite, test } from "vitest";
import { ALLOW, assembleFilter, ENOSYS, EPERM, KILL } from "./filter.ts";
import { type Architecture, auditArch, fatalCalls, numberOf, refusedCalls } from "./syscalls.ts";

/** What the kernel does with a filter: classic BPF over seccomp_data, as much of it as the filter may use. */
function interpret(filter: Buffer, data: { nr: number; arch: number; args?: number[] }): number {
  const words = Buffer.alloc(64);
  words.writeUInt32LE(data.nr >>> 0, 0);
  words.writeUInt32LE(data.arch >>> 0, 4);
  for (const [index, value] of (data.args ?? []).entries()) words.writeUInt32LE(value >>> 0, 16 + 8 * index);
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const [code, ifTrue, ifFalse] = [filter.readUInt16LE(8 * at), filter[8 * at + 2]!, filter[8 * at + 3]!];
    const operand = filter.readUInt32LE(8 * at + 4);
    if (code === 0x06) return operand;
    if (code === 0x20) accumulator = words.readUInt32LE(operand);
    else if (code === 0x15) at += accumulator === operand ? ifTrue : ifFalse;
    else if (code === 0x35) at += accumulator >= operand ? ifTrue : ifFalse;
    else if (code === 0x45) at += (accumulator & operand) !== 0 ? ifTrue : ifFalse;
    else throw new Error(`instruction ${at}: code ${code}`);
  }
}

suite.each<Architecture>(["x64", "arm64"])("the filter on %s", (architecture) => {
  const filter = assembleFilter(architecture);
  const arch = auditArch[architecture];
  const decide = (nr: number, args?: number[]) => interpret(filter, { nr, arch, ...(args ? { args } : {}) });
  const x64 = architecture === "x64";

  test.each(Object.entries(refusedCalls))("refuses %s", (_, numbers) => {
    const nr = numberOf(numbers, architecture);
    if (nr !== null) expect(decide(nr)).toBe(EPERM);
  });
  test.each(Object.entries(fatalCalls))("ends a program that calls %s", (_, numbers) => {
    const nr = numberOf(numbers, architecture);
    if (nr !== null) expect(decide(nr)).toBe(KILL);
  });
  test("allows what programs live on: read, write, mmap, execve, exit_group, futex, wait4", () => {
    for (const nr of x64 ? [0, 1, 9, 59, 231, 202, 61] : [63, 64, 222, 221, 94, 98, 260])
      expect(decide(nr)).toBe(ALLOW);
  });
  test("fork and threads pass, new namespaces do not", () => {
    const clone = x64 ? 56 : 220;
    expect(decide(clone, [0x11])).toBe(ALLOW); // SIGCHLD: a fork
    expect(decide(clone, [0x3d0f00])).toBe(ALLOW); // what pthread_create asks for
    for (const flag of [0x10000000, 0x20000, 0x40000000, 0x20000000]) expect(decide(clone, [flag | 0x11])).toBe(EPERM);
    expect(decide(435)).toBe(ENOSYS); // clone3 hides its flags in memory
  });
  test("terminals cannot be typed into; other requests pass", () => {
    const ioctl = x64 ? 16 : 29;
    expect([0x5412, 0x541c, 0x5401].map((request) => decide(ioctl, [0, request]))).toEqual([EPERM, EPERM, ALLOW]);
  });
  test("another architecture's numbers end the program", () => {
    expect(interpret(filter, { nr: 0, arch: 0x40000003 })).toBe(KILL); // i386
    if (x64) expect(decide(0x40000000 + 39)).toBe(KILL); // x32
  });
  test("short enough for the kernel", () => expect(filter.length / 8).toBeLessThan(4096));
});
