/** The models a server offers, by the names clients may use. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { ApiError } from "./api-error.ts";
import { createGate, type Gate, type GateOptions } from "./gate.ts";

export interface ModelOffer {
  /** What clients call it. */
  id: string;
  /** Other names that work, such as a path. */
  aliases?: readonly string[];
  /** Stays its opener's: the server does not close it. */
  endpoint: ServedEndpoint;
}

/** An endpoint may have counters of its own, e.g. of its prefix cache; they appear on /metrics. */
export type ServedEndpoint = Endpoint & {
  /** By camelCase name; what only grows ends in `Total`. */
  metrics?(): Readonly<Record<string, number>>;
};

export interface ServedModel {
  readonly id: string;
  readonly endpoint: ServedEndpoint;
  readonly gate: Gate;
  /** When the server began to offer it, Unix seconds. */
  readonly created: number;
}

export interface ModelTable {
  readonly all: readonly ServedModel[];
  /**
   * @param name null or undefined: the first model
   * @throws ApiError 404 with the names there are
   */
  find(name: string | null | undefined): ServedModel;
}

export function createModelTable(offers: readonly ModelOffer[], gateOptions: GateOptions): ModelTable {
  const created = Math.floor(Date.now() / 1000);
  const byName = new Map<string, ServedModel>();
  const all = offers.map(({ id, aliases = [], endpoint }) => {
    const model: ServedModel = { id, endpoint, gate: createGate(gateOptions), created };
    for (const name of [id, ...aliases]) if (!byName.has(name)) byName.set(name, model);
    return model;
  });
  return {
    all,
    find(name) {
      const model = name == null ? all[0] : byName.get(name);
      if (model) return model;
      const known = all.map(({ id }) => id).join(", ");
      const asked = JSON.stringify(name?.slice(0, 100));
      throw new ApiError(404, "model_not_found", `The model ${asked} does not exist; this server has: ${known}`, {
        param: "model",
      });
    },
  };
}
