/**
 * Verifier(response, reference) → right, wrong, or neither. Only the conclusion is judged, never the chain.
 * Source: spec section 2.2. The authors take any reply with "true" in it; here it is the first word that counts, an
 * unclear reply is asked again once, and a second one is `unparsed`: no acceptance, and counted apart.
 */
import { fill } from "../prompts/prompts.ts";
import { type AskOptions, askForText, type Teacher, teacherSettings } from "../teacher.ts";

/** True, false, or null for neither. */
export type Verdict = boolean | null;

export interface Verifier {
  name: string;
  /** What its verdicts depend on. Plain data. */
  settings: unknown;
  verify(response: string, reference: string, options?: AskOptions): Promise<Verdict>;
}

/** The reference stands in the response, as whole words; blind to other names for the same thing. */
export function exactMatch(response: string, reference: string): boolean {
  const pattern = reference
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("\\s+");
  return pattern !== "" && new RegExp(`(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`, "iu").test(response);
}

export const exactMatchVerifier: Verifier = {
  name: "exact",
  settings: null,
  verify: async (response, reference) => exactMatch(response, reference),
};

/** The first word must be True or False; "untrue", "not true" and "True or False" are neither. */
export function parseVerdict(reply: string): { value: boolean } | { problem: string } {
  const [, word, rest] = /^[\s\W_]*(true|false)(?![\p{L}\p{N}])([\s\S]*)$/iu.exec(reply) ?? [];
  const isBoth = rest !== undefined && /^\W*(?:\/|or)\W*(?:true|false)\b/i.test(rest);
  if (!word || isBoth) return { problem: "the reply must be the single word True or False" };
  return { value: word.toLowerCase() === "true" };
}

/** @throws EndpointError for what concerns all calls; a refusal is neither */
export function llmVerifier(teacher: Teacher): Verifier {
  return {
    name: `llm:${teacher.endpoint.model}`,
    settings: teacherSettings(teacher, "verify"),
    async verify(response, reference, options) {
      const query = fill(teacher.prompts.verify, { response, reference });
      const judged = await askForText(teacher, query, parseVerdict, options);
      return "value" in judged ? judged.value : null;
    },
  };
}

/** A rule of the caller's, e.g. one that knows the units or synonyms of a field. */
export function functionVerifier(
  name: string,
  judge: (response: string, reference: string) => Verdict | Promise<Verdict>,
  settings: unknown = null,
): Verifier {
  return { name, settings, verify: async (response, reference) => judge(response, reference) };
}
