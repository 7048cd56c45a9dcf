/**
 * The seccomp filter, assembled by hand: a classic BPF program over `struct seccomp_data`
 * { int nr @0; u32 arch @4; u64 instruction_pointer @8; u64 args[6] @16 }, one 8-byte sock_filter record per
 * instruction: u16 code, u8 jump-if-true, u8 jump-if-false, u32 operand; both jumps count from the next record.
 * Source: linux/filter.h, linux/seccomp.h.
 */
import {
  type Architecture,
  auditArch,
  clone3Call,
  cloneCall,
  fatalCalls,
  ioctlCall,
  newNamespaceFlags,
  numberOf,
  refusedCalls,
  terminalRequests,
} from "./syscalls.ts";

const loadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
const jumpEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const jumpAtLeast = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const jumpAnyBit = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const answer = 0x06; // BPF_RET | BPF_K

export const ALLOW = 0x7fff0000;
export const KILL = 0x80000000; // SECCOMP_RET_KILL_PROCESS: the program dies of SIGSYS
export const EPERM = 0x00050001; // SECCOMP_RET_ERRNO | 1
/** "This kernel has no such call": libraries then use the older one, whose flags the filter can read. */
export const ENOSYS = 0x00050026;

/** x86-64 kernels answer to a second numbering from here on (x32), which would pass by every number above. */
const x32Bit = 0x40000000;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

/** The filter as the kernel takes it: little-endian records. */
export function assembleFilter(architecture: Architecture): Buffer {
  const number = (entry: Parameters<typeof numberOf>[0]) => numberOf(entry, architecture);
  const instructions: Instruction[] = [
    [loadWord, 0, 0, 4],
    [jumpEqual, 1, 0, auditArch[architecture]],
    [answer, 0, 0, KILL], // another architecture's numbers, as by int 0x80
    [loadWord, 0, 0, 0],
  ];
  if (architecture === "x64") instructions.push([jumpAtLeast, 0, 1, x32Bit], [answer, 0, 0, KILL]);
  for (const [calls, verdict] of [
    [refusedCalls, EPERM],
    [fatalCalls, KILL],
    [{ clone3: clone3Call }, ENOSYS],
  ] as const) {
    for (const entry of Object.values(calls)) {
      const call = number(entry);
      if (call !== null) instructions.push([jumpEqual, 0, 1, call], [answer, 0, 0, verdict]);
    }
  }
  // Low words of arguments: flags of clone are argument 0, the request of ioctl is argument 1.
  instructions.push(
    [jumpEqual, 0, 4, number(cloneCall)!],
    [loadWord, 0, 0, 16],
    [jumpAnyBit, 0, 1, newNamespaceFlags & ~0x80], // CLONE_NEWTIME shares bit 0x80 with the exit signal: clone3 only
    [answer, 0, 0, EPERM],
    [answer, 0, 0, ALLOW],
    [jumpEqual, 0, 2 + 2 * terminalRequests.length - 1, number(ioctlCall)!],
    [loadWord, 0, 0, 24],
    ...terminalRequests.flatMap((request): Instruction[] => [
      [jumpEqual, 0, 1, request],
      [answer, 0, 0, EPERM],
    ]),
    [answer, 0, 0, ALLOW],
  );
  const bytes = Buffer.alloc(8 * instructions.length);
  for (const [index, [code, ifTrue, ifFalse, operand]] of instructions.entries()) {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(ifTrue, 8 * index + 2);
    bytes.writeUInt8(ifFalse, 8 * index + 3);
    bytes.writeUInt32LE(operand >>> 0, 8 * index + 4);
  }
  return bytes;
}
