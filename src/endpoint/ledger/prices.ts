/** What tokens cost, as the user says: we ship no prices, since they change without notice. */
import { z } from "zod";
import { readJson } from "../../core/json.ts";
import type { Usage } from "../endpoint.ts";

export type Price = z.output<typeof Price>;
/** Per million tokens, in any one currency. */
export const Price = z.strictObject({
  input: z.number().min(0),
  output: z.number().min(0),
  /** Of prompt tokens the server had in its cache; default: as `input`. */
  cachedInput: z.number().min(0).optional(),
});

export type PriceTable = z.output<typeof PriceTable>;
/** By the model's name; `*` stands for every other model. */
export const PriceTable = z.record(z.string(), Price);

/** @throws DataError naming the field that is wrong */
export function readPrices(file: string): Promise<PriceTable> {
  return readJson(file, PriceTable);
}

export function findPrice(prices: PriceTable, model: string): Price | undefined {
  return prices[model] ?? prices["*"];
}

/** In the table's currency; undefined when the model has no price. */
export function costOf(usage: Usage, model: string, prices: PriceTable): number | undefined {
  const price = findPrice(prices, model);
  if (!price) return undefined;
  const { promptTokens, completionTokens, cachedTokens = 0 } = usage;
  const { input, output, cachedInput = input } = price;
  return ((promptTokens - cachedTokens) * input + cachedTokens * cachedInput + completionTokens * output) / 1e6;
}
