/**
 * Scheduling on the virtual clock: the scheduler and the programs of life, and a model of the engine. What takes
 * minutes on an engine takes milliseconds here, so policies can be compared over many seeds.
 */
import type { TraceEvent } from "../schemas.ts";
import { type Allocation, drive, type PlannedProgram } from "./drive.ts";
import type { SchedulerOptions } from "./scheduler.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { type EngineSpeed, virtualExecutor } from "./virtual-executor.ts";

export interface SimulateOptions {
  /** Each must know its lengths (`tokensOf`). */
  programs: readonly PlannedProgram[];
  scheduler: SchedulerOptions;
  allocation: Allocation;
  speed: EngineSpeed;
}

/** The trace of a run, in the order of time. */
export function simulate({ programs, scheduler, allocation, speed }: SimulateOptions): TraceEvent[] {
  const clock = new VirtualClock();
  const events: TraceEvent[] = [];
  const executor = virtualExecutor(clock, speed);
  drive({ clock, executor, scheduler, allocation, programs, record: (event) => events.push(event) });
  clock.run();
  return events;
}
