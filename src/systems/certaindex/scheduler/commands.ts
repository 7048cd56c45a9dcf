/** `polymath certaindex bench`: Poisson load on the embedded model or any endpoint, and what the orders make of it. */
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeJsonAtomic } from "../../../core/atomic.ts";
import { type CommandContext, defineCommand } from "../../../core/command.ts";
import { UsageError } from "../../../core/errors.ts";
import { Random } from "../../../core/random.ts";
import type { Run } from "../../../core/run.ts";
import { openEndpoint } from "../../../language/endpoint-options.ts";
import type { TraceEvent } from "../schemas.ts";
import { openTrace, readTrace } from "../traces.ts";
import { type Arm, allocationOf } from "./arms.ts";
import { BenchOptions, choosePolicy, isMiniature, readArms, readRates, readTasks } from "./bench-options.ts";
import { type BenchRun, describeBench, renderBench, type SustainedOrder, sustainedOf } from "./bench-report.ts";
import { chainsTasks, openChainsEngine } from "./chains-load.ts";
import { openLiveLab } from "./experiment-live.ts";
import { endpointExecutor, runLive } from "./live.ts";
import { planLoad } from "./load.ts";
import { memoryBound } from "./pace.ts";
import { outcomesOf, summarise } from "./trace-report.ts";
import { votingProgram } from "./voting.ts";

export interface BenchResult {
  dir: string | undefined;
  runs: Omit<BenchRun, "outcomes">[];
  sustained: SustainedOrder[];
  text: string;
}

/** What carries the load: the rates to try, and one order at one rate. */
interface Rig {
  rates: readonly number[];
  run(arm: Arm, rate: number, record: (event: TraceEvent) => void): Promise<unknown>;
  close(): Promise<void>;
}

export const benchCommand = defineCommand({
  name: "certaindex bench",
  summary: "Put a Poisson load on a model and compare orders of serving it, with deadlines and fairness",
  description:
    "Self-consistency programs arrive at random; each order serves the same ones. The run's folder keeps a trace per " +
    "order and rate, from which every figure can be computed again with --trace. Prints 90 % attainment, latencies, " +
    "and seconds per token, which is what fairness is measured by.",
  examples: [
    "polymath certaindex bench",
    "polymath certaindex bench --orders fcfs,gang,sjf,sjf+C --rates 1,2,3 --paced",
    "polymath certaindex bench gsm8k.jsonl --endpoint http://127.0.0.1:8000/v1 --rates 0.2,0.5 --deadline 60",
    "polymath certaindex bench --trace runs/demo/fcfs-1.00.jsonl",
  ],
  args: z
    .array(z.string())
    .max(1)
    .meta({ label: "data" })
    .describe("a file of questions; left out for the embedded model"),
  options: BenchOptions,
  journal: true,
  async run([file], options, context): Promise<BenchResult | null> {
    const { run, signal } = context;
    const runs = options.trace === undefined ? await runAll(file, options, context) : [await reportOn(options.trace)];
    if (signal.aborted || !runs) return null; // `polymath resume` keeps the runs that are whole
    await run.finish(renderBench(runs));
    const figures = runs.map(({ outcomes: _, ...rest }) => rest);
    return { dir: run.dir, runs: figures, sustained: sustainedOf(runs), text: describeBench(runs) };
  },
  print: (result) => (result ? `${result.text}\n\n${join(result.dir ?? "", "report.html")}` : ""),
});

async function runAll(
  file: string | undefined,
  options: BenchOptions,
  context: CommandContext,
): Promise<BenchRun[] | null> {
  const { run, signal } = context;
  const compared = readArms(options.orders);
  if (options.rates !== undefined) readRates(options.rates); // before a model is opened
  const rig = isMiniature(file, options)
    ? await openMiniature(options, signal)
    : await openRemote(file, options, signal);
  const runs: BenchRun[] = [];
  try {
    const rates = await keepRates(run, rig.rates);
    const bar = context.progress({ label: "bench", total: rates.length * compared.length, unit: "runs" });
    for (const rate of rates) {
      for (const arm of compared) {
        const path = run.path(`${arm.name}-${rate.toFixed(2)}.jsonl`);
        const events =
          (await readWhole(path, options.programs)) ?? (await recordInto(path, (record) => rig.run(arm, rate, record)));
        if (signal.aborted) return null;
        const outcomes = outcomesOf(events);
        runs.push({ order: arm.name, rate, outcomes, report: summarise(outcomes) });
        bar.update(runs.length, { order: arm.name, rate });
      }
    }
    bar.stop();
    return runs;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  } finally {
    await rig.close();
  }
}

/** Rates that depend on the machine's speed stay what they were when a run is resumed. */
async function keepRates(run: Run, rates: readonly number[]): Promise<readonly number[]> {
  const path = run.path("rates.json");
  if (existsSync(path)) return z.array(z.number()).parse(JSON.parse(await readFile(path, "utf8")));
  await writeJsonAtomic(path, rates);
  return rates;
}

/** The trace of a run that an earlier process brought to its end. */
async function readWhole(path: string, programs: number): Promise<TraceEvent[] | undefined> {
  if (!existsSync(path)) return undefined;
  const events = await Array.fromAsync(readTrace(path));
  if (outcomesOf(events).length === programs) return events;
  await rm(path); // cut short in the middle of real time: it cannot be gone on with
  return undefined;
}

async function recordInto(
  path: string,
  go: (record: (event: TraceEvent) => void) => Promise<unknown>,
): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  await go((event) => events.push(event));
  const trace = openTrace(path); // afterwards: flushing to the disk would slow the programs down
  for (const event of events) trace.append(event);
  trace.close();
  return events;
}

async function openMiniature(options: BenchOptions, signal: AbortSignal): Promise<Rig> {
  const { slots, programs, seed, trials, ageing: ageingSeconds, shed: shedLate } = options;
  const policy = await choosePolicy(options.policy);
  const engine = await openChainsEngine({ maxRows: slots, ...(options.paced && { pace: memoryBound }) });
  try {
    const tasks = chainsTasks(programs, seed);
    const lab = await openLiveLab({
      engine,
      slots,
      tasks,
      trials,
      seed,
      policy,
      ageingSeconds,
      shedLate,
      deadline: options.deadline,
      signal,
    });
    return {
      rates:
        options.rates === undefined
          ? [0.5, 0.8, 1.1, 1.6, 2.2].map((part) => part * lab.capacity)
          : readRates(options.rates),
      run: (arm, rate, record) => lab.run(arm, { rate, seed, record }),
      close: () => engine.dispose(),
    };
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

/** @throws UsageError without rates or questions: nothing is known of such an endpoint */
async function openRemote(file: string | undefined, options: BenchOptions, signal: AbortSignal): Promise<Rig> {
  if (file === undefined)
    throw new UsageError("bench of this model needs a file of questions", {
      hint: "Give JSON lines with the columns problem and answer.",
    });
  if (options.rates === undefined)
    throw new UsageError("bench of an endpoint needs --rates", { hint: "Start low, as in --rates 0.1,0.2." });
  const { slots, seed, maxTokens, temperature, deadline, ageing: ageingSeconds, shed: shedLate } = options;
  const policy = await choosePolicy(options.policy);
  const rates = readRates(options.rates);
  const endpoint = await openEndpoint(options);
  const { tasks, isChat } = await readTasks(file, options.programs, endpoint);
  const executor = endpointExecutor(endpoint, { slots, seed, maxTokens, temperature, isChat });
  return {
    rates,
    run(arm, rate, record) {
      const random = new Random(seed).split("arrivals");
      const programs = planLoad(
        tasks.map((task) => votingProgram(task)),
        { rate, random, baseDeadline: deadline },
      );
      const scheduler = { policy: arm.policy, ageingSeconds, shedLate };
      return runLive({ executor, programs, scheduler, allocation: allocationOf(arm, policy), record, signal });
    },
    close: () => endpoint.close(),
  };
}

/** Figures of a trace that lies in a file, whoever wrote it. */
async function reportOn(path: string): Promise<BenchRun> {
  const outcomes = outcomesOf(await Array.fromAsync(readTrace(path)));
  if (outcomes.length === 0) throw new UsageError(`${path}: no program of this trace has ended`);
  const report = summarise(outcomes);
  return { order: "trace", rate: outcomes.length / report.seconds, outcomes, report };
}
