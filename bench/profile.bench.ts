/**
 * Where does the time of a native training step go, by operator?
 * (ONNX Runtime's profiler over the steps of `training-step`; it slows small nodes down somewhat)
 * Expected: mostly matrix products, or convolutions in the autoencoder; what else is large is where to gain.
 * Run: npm run bench -- profile
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Benchmark, Outcome } from "./lib/report.ts";
import { type OperatorTime, readProfile } from "./profile/operators.ts";
import { tasks } from "./training-step/tasks.ts";

const run = promisify(execFile);

export const benchmark: Benchmark = {
  name: "profile",
  question: "Where does the time of a native training step go?",
  async run({ quick, note }) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    for (const taskName of quick ? ["decoder-0.4M"] : Object.keys(tasks)) {
      note(taskName);
      const [steps, skipped] = quick ? [4, 1] : [24, 4];
      const folder = await mkdtemp(join(tmpdir(), "polymath-profile-"));
      try {
        const program = join(import.meta.dirname, "profile", "profiled-step.ts");
        const { stdout } = await run(process.execPath, [program, taskName, `${steps}`, folder]);
        const { operators, nodes, kernelMs } = readProfile(folder, { skipped });
        const table = (what: string, times: OperatorTime[]) => ({
          title: `${taskName}: ${what} (${kernelMs.toFixed(1)} ms in kernels a step)`,
          columns: ["", "ms a step", "share", "nodes"],
          rows: times.map(({ operator, ms, count }) => [
            operator,
            ms,
            `${((100 * ms) / kernelMs).toFixed(0)} %`,
            `${count}`,
          ]),
        });
        outcome.tables.push(table("by operator", operators.slice(0, 12)), table("costliest nodes", nodes.slice(0, 12)));
        if (JSON.parse(stdout.trim().split("\n").at(-1)!).sessions !== 1)
          outcome.remarks.push(`${taskName} took more than one program.`);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
    return outcome;
  },
};
