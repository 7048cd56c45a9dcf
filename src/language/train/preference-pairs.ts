/**
 * Rows of preference data as token examples. The form is TRL's: text with a prompt, messages with a prompt, or two
 * conversations that share their beginning. Source: TRL's documentation, "Dataset formats and types".
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { DataError } from "../../core/errors.ts";
import type { TemplateMessage } from "../tokenizers/index.ts";
import { type EncodeOptions, encodeConversation, encodeExample, Message } from "./examples.ts";
import type { TokenExample } from "./packing.ts";

/** A row of {"prompt", "chosen", "rejected"}, where messages may leave the prompt out. */
export type PreferenceRow = z.output<typeof PreferenceRow>;
export const PreferenceRow = z.union(
  [
    z.object({ prompt: z.string().min(1), chosen: z.string().min(1), rejected: z.string().min(1) }),
    z.object({
      prompt: z.array(Message).optional(),
      chosen: z.array(Message).min(1),
      rejected: z.array(Message).min(1),
    }),
  ],
  { error: "expected prompt, chosen and rejected, all text or all lists of messages" },
);

/** Two responses to one prompt; only the responses are marked as trained. */
export interface PreferencePair {
  chosen: TokenExample;
  rejected: TokenExample;
}

/** @throws DataError naming `place`, as `encodeExample`, and when the two conversations do not differ */
export function encodePair(row: PreferenceRow, options: EncodeOptions): PreferencePair {
  const { prompt, chosen, rejected } = row;
  if (typeof chosen === "string" || typeof rejected === "string") {
    const encode = (response: unknown) =>
      encodeExample({ prompt: prompt as string, response: response as string }, options);
    return { chosen: encode(chosen), rejected: encode(rejected) };
  }
  const [preferred, other] = [chosen, rejected].map((part) => [...(prompt ?? []), ...part] as TemplateMessage[]);
  const shared = prompt
    ? (prompt as unknown[]).length
    : preferred!.findIndex((message, at) => !isDeepStrictEqual(message, other![at]));
  if (shared === -1) {
    throw new DataError(`${options.place ?? "row"}: chosen and rejected are the same conversation`, {
      hint: "Leave the row out: it says nothing about what is preferred.",
    });
  }
  const encode = (messages: TemplateMessage[]) => encodeConversation(messages, { ...options, learnFrom: shared });
  return { chosen: encode(preferred!), rejected: encode(other!) };
}
