/** Every stop in the order of the tour; a system is loaded when its turn comes, so that one that cannot load is a row, too. */
import { UsageError } from "../../core/errors.ts";
import type { Stop } from "./stop.ts";

export const stops: readonly Stop[] = [
  { system: "overthinking", visit: async (options) => (await import("./overthinking.ts")).visitOverthinking(options) },
  { system: "certaindex", visit: async (options) => (await import("./certaindex.ts")).visitCertaindex(options) },
  { system: "codeelo", visit: async (options) => (await import("./codeelo.ts")).visitCodeElo(options) },
  { system: "huatuogpt-o1", visit: async (options) => (await import("./huatuo.ts")).visitHuatuo(options) },
  { system: "lightningdit", visit: async (options) => (await import("./lightningdit.ts")).visitLightningDit(options) },
];

/** Those named, in the order of the tour; all when none is. @throws UsageError */
export function chooseStops(names: readonly string[], from: readonly Stop[] = stops): Stop[] {
  const known = from.map(({ system }) => system);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`The tour has no stop "${unknown}"`, { hint: `It has: ${known.join(", ")}.` });
  }
  return from.filter(({ system }) => names.length === 0 || names.includes(system));
}
