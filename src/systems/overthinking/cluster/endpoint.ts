/**
 * Groups the solutions of a trace by strategy, asking a model once per trace.
 * Source: papers/overthinking section 2.4. Differs from it: temperature 0; one re-ask; a solution that is still in no
 * cluster is "unknown" instead of all such solutions being one cluster.
 */
import type { ChatMessage, Endpoint } from "../../../endpoint/index.ts";
import { shortened } from "../segment/prompts.ts";
import { askTwice } from "../segment/stages.ts";

export type Clusters = {
  /** One per solution; null where the model did not place it. */
  strategies: (string | null)[];
  /** The replies could not be read in full. */
  flags: string[];
};

const instructions = `You are given a problem and several solutions to it, all by one author. Group them by strategy. Two solutions have different strategies if they use a different method, take materially different steps on the way, start from different assumptions, aim at a different generality, or clearly differ in complexity. Saying the same in other words, or checking the same steps again, is the same strategy.

Write one line per group and nothing else: the group's name, a tab, its solutions in brackets, a tab, the reason in a few words. Every solution stands in exactly one group.
cluster1\t[Solution 1, Solution 3]\tadd step by step
cluster2\t[Solution 2]\tcomplete the square`;

/** @throws EndpointError as the endpoint; the signal's reason when aborted */
export async function clusterByEndpoint(
  { problem, solutions }: { problem: string; solutions: readonly string[] },
  endpoint: Endpoint,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Clusters> {
  if (solutions.length < 2) return { strategies: solutions.map(() => "1"), flags: [] };
  const listed = solutions.map((text, index) => `Solution ${index + 1}:\n${shortened(text)}`).join("\n\n");
  const messages: ChatMessage[] = [
    { role: "system", content: instructions },
    { role: "user", content: `Problem:\n${shortened(problem)}\n\n${listed}` },
  ];
  let best: (string | null)[] = solutions.map(() => null);
  await askTwice(endpoint, { messages, temperature: 0, maxTokens: 1024 }, { ...(signal && { signal }) }, (text) => {
    const { strategies, problem: wrong } = parseClusters(text, solutions.length);
    const placed = (names: readonly (string | null)[]) => names.filter((name) => name !== null).length;
    if (placed(strategies) >= placed(best)) best = strategies;
    return wrong === undefined ? { value: strategies } : { problem: wrong };
  });
  return { strategies: best, flags: best.includes(null) ? ["cluster_parse_error"] : [] };
}

const line = /^\W*cluster\s*(\d+)\W*?\s*\[([^\]]*)\]/iu;

/** Reads the lines; what is wrong with them comes in words for the model, and a doubtful solution as null. */
export function parseClusters(text: string, count: number): { strategies: (string | null)[]; problem?: string } {
  const places = Array.from({ length: count }, () => new Set<string>());
  const strange: number[] = [];
  for (const row of text.replace(/^[\s\S]*<\/think>/u, "").split("\n")) {
    const [, cluster, members = ""] = line.exec(row) ?? [];
    if (cluster === undefined) continue;
    for (const [digits] of members.matchAll(/\d+/gu)) {
      const place = places[Number(digits) - 1];
      if (place) place.add(cluster);
      else strange.push(Number(digits));
    }
  }
  const strategies = places.map((names) => (names.size === 1 ? [...names][0]! : null));
  const numbers = (holds: (names: Set<string>) => boolean) =>
    places.flatMap((names, index) => (holds(names) ? [index + 1] : [])).join(", ");
  const missing = numbers((names) => names.size === 0);
  const repeated = numbers((names) => names.size > 1);
  if (missing) return { strategies, problem: `Solution ${missing} stands in no cluster` };
  if (repeated) return { strategies, problem: `Solution ${repeated} stands in several clusters` };
  if (strange.length > 0) return { strategies, problem: `there is no Solution ${strange.join(", ")}` };
  return { strategies };
}
