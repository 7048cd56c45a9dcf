/**
 * How many tokens a second does training on rewards take, and what is the time spent on?
 * (updates of 64 rollouts of 70 tokens, as for the world Clinic; PPO with a value net as large as the policy, RLOO and
 * GRPO without; three passes over the rollouts)
 * Expected: sampling, which one thread does, takes a quarter to a third of an update of PPO, and scoring by a rule nothing;
 * RLOO and GRPO take six tenths of PPO's processor time, because they have no value net.
 * Run: npm run bench -- rl
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { spread } from "./lib/paired.ts";
import type { Benchmark, Cell, Outcome } from "./lib/report.ts";
import type { Measurement } from "./rl/measure.ts";
import { rlModels } from "./rl/models.ts";

const run = promisify(execFile);
const methods = ["ppo", "rloo", "grpo"] as const;

export const benchmark: Benchmark = {
  name: "rl",
  question: "How many tokens a second does training on rewards take, and what is the time spent on?",
  async run({ quick, note }) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    const speeds: Cell[][] = [];
    const shares: Cell[][] = [];
    const names = Object.keys(rlModels);
    for (const name of quick ? names.slice(0, 1) : names) {
      for (const method of quick ? (["ppo"] as const) : methods) {
        note(`${name}: ${method}`);
        const { updates, parameterCount } = await measure(name, method, quick ? 1 : 6);
        const model = `${name} (${Math.round(parameterCount / 1000)}k)`;
        const of = (value: (update: Measurement["updates"][number]) => number) => spread(updates.map(value));
        const total = ({ generation, scoring, update }: Measurement["updates"][number]["seconds"]) =>
          generation + scoring + update;
        speeds.push([
          model,
          method,
          of(({ rollout }) => rollout),
          of(({ whole }) => whole),
          of(({ seconds }) => total(seconds)),
          of(({ processorSeconds }) => processorSeconds),
        ]);
        const share = (phase: "generation" | "scoring" | "update") =>
          of(({ seconds }) => (100 * seconds[phase]) / total(seconds));
        shares.push([model, method, share("generation"), share("scoring"), share("update")]);
      }
    }
    outcome.tables.push(
      {
        title: "Speed of an update",
        columns: ["policy", "method", "tokens/s, sampling", "tokens/s, all", "seconds", "processor seconds"],
        rows: speeds,
      },
      {
        title: "Share of the time, %",
        columns: ["policy", "method", "generation", "scoring", "update"],
        rows: shares,
      },
    );
    outcome.remarks.push(
      "Tokens are those of the answers, 4,480 an update. `update` is log-probabilities of policy and reference, values, and three steps; processor seconds are those of all threads together. Medians (min–max) of updates, the first left out.",
    );
    return outcome;
  },
};

async function measure(name: string, method: string, updates: number): Promise<Measurement> {
  const program = join(import.meta.dirname, "rl", "measure.ts");
  const { stdout } = await run(process.execPath, [program, name, method, String(updates)]);
  return JSON.parse(stdout);
}
