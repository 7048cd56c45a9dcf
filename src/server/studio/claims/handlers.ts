/** The calls about claims: what was measured on this machine, by system. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ClaimReport } from "../../../core/claim.ts";
import { commandLineOf } from "../../../core/command-line.ts";
import { UsageError } from "../../../core/errors.ts";
import { packageRoot } from "../../../core/version.ts";
import type { Handlers } from "../contract.ts";
import { lastProgress } from "../runs/handlers.ts";
import type { IndexedRun, RunIndex } from "../runs/run-index.ts";
import type { ClaimEntry, claimCalls, MeasuredClaim } from "./contract.ts";

/** Starts a command of ours in a process of its own; it outlives the studio. */
export type StartCommand = (words: readonly string[]) => void;

export interface ClaimsOptions {
  index: RunIndex;
  /** Systems that have a claim. */
  systems: readonly string[];
  start: StartCommand | undefined;
  /** Folder of a clone; default `docs/claims` of ours. */
  keptReports: string | undefined;
}

const keptFolder = "docs/claims";

export function createClaimHandlers(options: ClaimsOptions): Handlers<keyof typeof claimCalls> {
  const { index, systems, start, keptReports = join(packageRoot, keptFolder) } = options;
  const measured = new Map<string, MeasuredClaim | null>(); // finished runs change no more

  async function measuredIn(run: IndexedRun): Promise<MeasuredClaim | null> {
    if (run.status !== "finished") return null;
    const known = measured.get(run.dir);
    if (known !== undefined) return known;
    const result = await readClaim(run);
    measured.set(run.dir, result);
    return result;
  }

  return {
    async "claims.board"() {
      const runs = (await index.all()).filter(({ info }) => info?.command === "claim");
      const entries = systems.map(async (system): Promise<ClaimEntry> => {
        const own = runs.filter(({ info }) => info!.args.flat()[0] === system);
        const all = (await Promise.all(own.map(measuredIn))).filter((one) => one !== null);
        const modes = ["full", "quick"].flatMap((mode) => all.find(({ claim }) => claim.mode === mode) ?? []);
        const working = own.find(({ status }) => status === "running");
        return {
          system,
          keptReport: existsSync(join(keptReports, `${system}.md`)) ? `${keptFolder}/${system}.md` : null,
          measured: modes.sort((a, b) => (a.finished < b.finished ? 1 : -1)),
          running: working
            ? { run: working.key, status: working.status, progress: await lastProgress(working.dir) }
            : null,
        };
      });
      return {
        entries: await Promise.all(entries),
        canStart: start !== undefined,
        hasKeptReports: existsSync(keptReports),
      };
    },
    "claims.start"({ system, mode, seed }) {
      if (!systems.includes(system)) throw new UsageError(`There is no claim of "${system}"`);
      if (!start) throw new UsageError("This studio only looks: it starts no commands");
      const words = ["claim", system, `--${mode}`, "--seed", String(seed)];
      start(words);
      return { commandLine: `polymath ${words.join(" ")}` };
    },
  };
}

async function readClaim({ key, dir, info }: IndexedRun): Promise<MeasuredClaim | null> {
  try {
    const claim = ClaimReport.parse(JSON.parse(await readFile(join(dir, "claim.json"), "utf8")));
    return { run: key, finished: info!.finished!, claim, commandLine: commandLineOf(info!) };
  } catch {
    return null; // a claim of a version that kept no figures
  }
}
