/**
 * Judgements on disk by content: the same program on the same tests under the same limits and tools is judged once,
 * and a run that was killed goes on where it was. One file per judgement; whole or absent.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../../core/atomic.ts";
import { Judgement, type JudgeStamp, type Problem, type Program } from "../schemas.ts";

export interface VerdictCache {
  read(key: string): Promise<Judgement | undefined>;
  write(judgement: Judgement): Promise<void>;
}

export function openVerdictCache(folder: string): VerdictCache {
  const path = (key: string) => join(folder, key.slice(0, 2), `${key}.json`);
  return {
    async read(key) {
      try {
        return Judgement.parse(JSON.parse(await readFile(path(key), "utf8")));
      } catch {
        return undefined; // absent, of an older version or damaged by a power cut: judged anew
      }
    },
    write: (judgement) => writeFileAtomic(path(judgement.key), `${JSON.stringify(judgement)}\n`),
  };
}

/** Everything that decides a verdict; titles and statements do not. */
export function judgementKey(problem: Problem, program: Program, stamp: JudgeStamp, mode: unknown): string {
  const { id, tests, checker, interactor, subtasks, timeLimitMs, memoryLimitMb, outputLimitMb, ioFiles } = problem;
  const decisive = { id, tests, checker, interactor, subtasks, timeLimitMs, memoryLimitMb, outputLimitMb, ioFiles };
  return createHash("sha256")
    .update(JSON.stringify([decisive, program, stamp, mode]))
    .digest("hex");
}
