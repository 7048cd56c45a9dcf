/**
 * What a row teaches a model to write. Source: spec section 2.5, "Ablation targets".
 *
 *   complex  the natural monologue with every turn of the search, then the response
 *   simple   the thoughts of the reply that was accepted alone, then the response. The paper's simple chain is the
 *            teacher's first one, right or wrong; a wrong one teaches wrong answers, so here it is the accepted one, which
 *            is the same wherever the first was right
 *   direct   the response
 */
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import { renderForm } from "../form.ts";
import { Action, type SftRow } from "../schemas.ts";

export const sftModes = ["complex", "simple", "direct"] as const;
export type SftMode = (typeof sftModes)[number];

const Searched = z.looseObject({ response_struct: z.array(z.array(Action)).min(1) });

/** @param place of the row, for messages @throws DataError for `simple` and a row without its search */
export function sftTarget(row: SftRow, mode: SftMode, place: string): string {
  switch (mode) {
    case "complex":
      return renderForm(row.Complex_CoT, row.Response);
    case "direct":
      return row.Response;
    case "simple":
      return renderForm(acceptedThoughts(row, place), row.Response);
  }
}

function acceptedThoughts(row: SftRow, place: string): string {
  const searched = Searched.safeParse(row);
  if (!searched.success) {
    throw new DataError(`${place}: response_struct: expected the search that the row is from, found none`, {
      hint: "--mode simple takes merged.json of `polymath huatuo merge`; published files have no search in them.",
    });
  }
  const thoughts = searched.data.response_struct.at(-1)!.filter(({ action }) => action === "Inner Thinking");
  return thoughts.map(({ content }) => content).join("\n");
}
