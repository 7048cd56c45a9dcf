/** The models named on the command line, opened, with the names clients will call them by. */
import { basename, resolve } from "node:path";
import { UsageError } from "../../core/errors.ts";
import type { Endpoint } from "../../endpoint/endpoint.ts";
import type { LocalEndpoint } from "../../language/endpoint.ts";
import { findPlace, openEndpoint } from "../../language/endpoint-options.ts";
import type { ModelOffer, ServedEndpoint } from "../../server/index.ts";
import { engineMetrics } from "./engine-metrics.ts";

export interface OfferOptions {
  /** `DIR`, `NAME` or `NAME=DIR`; none means the default. */
  model: readonly string[];
  endpoint?: string | undefined;
  endpointKeyEnv?: string | undefined;
}

/** @throws UsageError for models that are not there and names that collide, before any model is loaded */
export async function openOffers({ model, endpoint, endpointKeyEnv }: OfferOptions): Promise<ModelOffer[]> {
  const wanted = (model.length > 0 ? model : [undefined]).map((word) => {
    const [, name, target] = /^([\w.-]+)=(.+)$/.exec(word ?? "") ?? [];
    const options = { endpoint, model: target ?? word, apiKeyEnv: endpointKeyEnv };
    const place = findPlace(options);
    const own =
      place.kind === "local" ? basename(resolve(place.dir)) : place.kind === "embedded" ? place.name : place.model;
    return { options, id: name ?? own, aliases: word === undefined || name ? [] : [word] };
  });
  const ids = wanted.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw new UsageError(`Two models are called ${twice}`, { hint: `Name one of them: --model other=DIR` });
  }
  return Promise.all(
    wanted.map(async ({ options, id, aliases }) => {
      const opened = await openEndpoint(options);
      return { id: id ?? opened.model, aliases, endpoint: withMetrics(opened) };
    }),
  );
}

/** An engine of our own tells its counters; another server's are its own business. */
function withMetrics(endpoint: Endpoint | LocalEndpoint): ServedEndpoint {
  if (!("engine" in endpoint)) return endpoint;
  return { ...endpoint, metrics: () => engineMetrics(endpoint.engine.stats()) };
}
