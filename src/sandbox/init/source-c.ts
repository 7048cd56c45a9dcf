/**
 * The first program inside the sandbox, in C: process 1 of its own process namespace, parent of what is being run.
 * It reads the plan (plan.ts) on file descriptor 3, finishes the file system where `unshare` made the namespaces, puts
 * files in place, gives up all privileges, loads the seccomp filter, starts the program, watches its whole process
 * tree against the limits and reports on descriptor 3. Nothing of the tree outlives it, since it is process 1.
 *
 * What it counts: CPU time is that of every process of the tree, the larger of what the kernel handed up through
 * `wait4` and what was seen alive at each tick (a program that ignores SIGCHLD hides its children from the former).
 * Memory is the sum of the resident sets at a tick, or the largest single one that `wait4` reports. Idle time is ticks
 * at which no process of the tree was running or waiting for a disk: a busy host slows a program but makes it not idle.
 */

import { channelC } from "./c/channel.ts";
import { mainC } from "./c/main.ts";
import { programC } from "./c/program.ts";
import { readPlanC } from "./c/read-plan.ts";
import { rootC } from "./c/root.ts";
import { watchC } from "./c/watch.ts";

/** The parts are one C file, in this order; they stand apart to be read. */
export const initSourceC: string = [channelC, rootC, readPlanC, programC, watchC, mainC].join("");
