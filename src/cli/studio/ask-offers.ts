/** The models that the studio's page can ask: those that ship and think aloud, and the one that was named. */
import { type EndpointOptions, findPlace } from "../../language/endpoint-options.ts";
import type { AskOffer } from "../../server/studio/index.ts";

const shipped = ["reasoner", "reasoner-concise"];

/** @throws UsageError for a model that is not there, before the studio starts */
export function askOffers(named: EndpointOptions): AskOffer[] {
  const offers = shipped.map((id): AskOffer => ({ id, endpoint: { model: id }, isSums: true }));
  if (named.endpoint === undefined && named.model === undefined) return offers;
  const place = findPlace(named);
  if (place.kind === "embedded" && shipped.includes(place.name)) return offers;
  return [{ id: named.model ?? named.endpoint!, endpoint: named }, ...offers];
}
