/** Reads ONNX Runtime's profile (a Chrome trace) into time by operator. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { spread } from "../lib/paired.ts";

export interface OperatorTime {
  operator: string;
  /** Of all its nodes in one step. */
  ms: number;
  /** Nodes executed in one step. */
  count: number;
}

export interface Profile {
  /** Sum over all nodes, per step. */
  kernelMs: number;
  operators: OperatorTime[];
  /** The costliest kinds of node: operator and the shapes it takes. */
  nodes: OperatorTime[];
}

/**
 * Every node runs once a step; its time is the median of its runs, so that a step in which others held the processors
 * does not count.
 * @param skipped leading steps left out as warm-up
 */
export function readProfile(folder: string, { skipped }: { skipped: number }): Profile {
  const runs = new Map<string, { microseconds: number[]; operator: string; shapes: string }>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    for (const { cat, name, dur, args } of JSON.parse(readFileSync(join(folder, file), "utf8"))) {
      if (cat !== "Node" || !name.endsWith("_kernel_time")) continue;
      const key = `${file} ${name}`;
      if (!runs.has(key))
        runs.set(key, { microseconds: [], operator: args.op_name, shapes: shapesOf(args.input_type_shape) });
      runs.get(key)!.microseconds.push(dur);
    }
  }
  const nodes = [...runs.values()]
    .filter(({ microseconds }) => microseconds.length > skipped) // the others ran once, when the session was made
    .map(({ microseconds, operator, shapes }) => {
      return { operator, shapes, ms: spread(microseconds.slice(skipped)).median / 1000, count: 1 };
    });
  return {
    kernelMs: sum(nodes.map(({ ms }) => ms)),
    operators: groupBy(nodes, ({ operator }) => operator),
    nodes: groupBy(nodes, ({ operator, shapes }) => `${operator} ${shapes}`),
  };
}

function groupBy<T extends OperatorTime>(nodes: T[], keyOf: (node: T) => string): OperatorTime[] {
  const groups = new Map<string, OperatorTime>();
  for (const node of nodes) {
    const key = keyOf(node);
    const group = groups.get(key) ?? { operator: key, ms: 0, count: 0 };
    groups.set(key, { operator: key, ms: group.ms + node.ms, count: group.count + node.count });
  }
  return [...groups.values()].sort((a, b) => b.ms - a.ms);
}

/** `[{"float": [16, 64, 128]}, …]` as "[16,64,128] …"; of many inputs the first three. */
function shapesOf(types: Record<string, number[]>[] | undefined): string {
  const shapes = (types ?? []).map((type) => `[${Object.values(type)[0]}]`);
  return shapes.length > 5 ? `${shapes.slice(0, 3).join(" ")} and ${shapes.length - 3} more` : shapes.join(" ");
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
