/**
 * Rows as trainers take them. Sources: spec section 2.8: TRL's conversational and standard forms, verl's Parquet columns,
 * and the published SFT and RL files.
 */
import { z } from "zod";
import { renderForm } from "../form.ts";
import { Action, answerField, questionField, SftRow, VerifiableRow } from "../schemas.ts";

const Message = z.object({ role: z.enum(["user", "assistant"]), content: z.string() });

export const TrlMessages = z.object({ messages: z.array(Message) });
export const TrlPromptCompletion = z.object({ prompt: z.array(Message), completion: z.array(Message) });
export const TrlPreference = z.object({
  prompt: z.array(Message),
  chosen: z.array(Message),
  rejected: z.array(Message),
});
export const TrlPrompt = z.object({ prompt: z.array(Message), ground_truth: z.string() });
export const PublishedSft = z.object({ Question: z.string(), Complex_CoT: z.string(), Response: z.string() });
export const PublishedRl = z.object({ [questionField]: z.string(), [answerField]: z.string() });
export const VerlRow = z.object({
  data_source: z.string(),
  prompt: z.array(Message),
  ability: z.string(),
  reward_model: z.object({ style: z.enum(["model", "rule"]), ground_truth: z.string() }),
  extra_info: z.object({ split: z.string(), index: z.int(), label_revealed: z.boolean() }),
});

export interface ExportContext {
  /** Of the row, from 0. */
  index: number;
  dataSource: string;
  ability: string;
  style: "model" | "rule";
  split: string;
}

interface Format<In extends z.ZodType, Out extends z.ZodObject> {
  /** What a row must have. */
  input: In;
  output: Out;
  /** @returns null for a row that has nothing to give */
  convert(row: z.output<In>, context: ExportContext): z.output<Out> | null;
}

const format = <In extends z.ZodType, Out extends z.ZodObject>(one: Format<In, Out>) => one as Format<any, any>;

const user = (content: string) => ({ role: "user" as const, content });
const assistant = ({ Complex_CoT, Response }: SftRow) => ({
  role: "assistant" as const,
  content: renderForm(Complex_CoT, Response),
});
const problemOf = (row: VerifiableRow) => ({
  question: row[questionField] as string,
  answer: row[answerField] as string,
});

/** A merged row with the search that it is from. */
const MergedWithSearch = SftRow.extend({
  response_struct: z.array(z.array(Action)).min(1),
  verify: z.array(z.boolean().nullable()),
});

/** The first chain that the verifier found wrong, in the trained form; null where the first one was right. */
function givenUp({ response_struct, verify }: z.output<typeof MergedWithSearch>) {
  const chain = verify[0] === false ? response_struct[0]! : null;
  const conclusion = chain?.findLast(({ action }) => action === "Final Conclusion");
  if (!chain || !conclusion) return null;
  const thoughts = chain.filter(({ action }) => action === "Inner Thinking").map(({ content }) => content);
  return { role: "assistant" as const, content: renderForm(thoughts.join("\n"), conclusion.content) };
}

export const formats = {
  "trl-messages": format({
    input: SftRow,
    output: TrlMessages,
    convert: (row) => ({ messages: [user(row.Question), assistant(row)] }),
  }),
  "trl-prompt-completion": format({
    input: SftRow,
    output: TrlPromptCompletion,
    convert: (row) => ({ prompt: [user(row.Question)], completion: [assistant(row)] }),
  }),
  "trl-preference": format({
    input: MergedWithSearch,
    output: TrlPreference,
    convert(row) {
      const given = givenUp(row);
      if (!given) return null;
      return { prompt: [user(row.Question)], chosen: [assistant(row)], rejected: [given] };
    },
  }),
  "trl-prompt": format({
    input: VerifiableRow,
    output: TrlPrompt,
    convert(row) {
      const { question, answer } = problemOf(row);
      return { prompt: [user(question)], ground_truth: answer };
    },
  }),
  verl: format({
    input: VerifiableRow,
    output: VerlRow,
    convert(row, { index, dataSource, ability, style, split }) {
      const { question, answer } = problemOf(row);
      return {
        data_source: dataSource,
        prompt: [user(question)],
        ability,
        reward_model: { style, ground_truth: answer },
        extra_info: { split, index, label_revealed: isRevealed(row) },
      };
    },
  }),
  sft: format({
    input: SftRow,
    output: PublishedSft,
    convert: ({ Question, Complex_CoT, Response }) => ({ Question, Complex_CoT, Response }),
  }),
  rl: format({
    input: VerifiableRow,
    output: PublishedRl,
    convert(row) {
      const { question, answer } = problemOf(row);
      return { [questionField]: question, [answerField]: answer };
    },
  }),
} as const;

export type FormatName = keyof typeof formats;

/** Whether the teacher of a row had been told the answer. */
export function isRevealed(row: Readonly<Record<string, unknown>>): boolean {
  return (row.provenance as { label_revealed?: unknown } | undefined)?.label_revealed === true;
}

/** Whether something should be looked at first: the answer in the question, or one too long to compare. */
export function isFlagged(row: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(row.flags) && row.flags.length > 0;
}
