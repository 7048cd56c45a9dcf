/** What the tokens of an analysis cost, and what of it went into thinking on after the answer was there. */
import type { Totals } from "./summary.ts";

export type Money = {
  /** Per million tokens, in the user's currency. */
  price: number;
  total: number;
  /** After the first correct solution. */
  wasted: number;
  /** Of it for strategies that had occurred before. */
  repeated: number;
};

export function moneyOf(totals: Totals, price: number): Money {
  const cost = (tokens: number) => (tokens * price) / 1e6;
  return {
    price,
    total: cost(totals.tokenCount),
    wasted: cost(totals.wastedTokenCount),
    repeated: cost(totals.repeatedTokenCount),
  };
}
