/**
 * Rows of files that people have, as traces: the published JSONL (with and without its cuts), replies of OpenAI's API
 * (alone, in a batch file, or as the `response` of a row), and rows that hold the labelled output of several models.
 * Source: papers/overthinking sections 2.2 and 2.8.
 */
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import { describeValue } from "../../../core/schema.ts";
import { extractAnswer } from "../../../endpoint/answers/index.ts";
import type { Solution, Trace } from "../schemas.ts";
import { type MarkedText, splitMarks } from "./marks.ts";

/** Any row: which fields count is decided below, so that the message can name what was found. */
export const Row = z.record(z.string(), z.unknown());

type Fields = Record<string, unknown>;

/** Names under which data sets keep the same thing, first come first served. */
const problemFields = ["problem", "question", "Question", "prompt", "input"];
const responseFields = ["response", "solution", "output", "completion", "generation"];
const expectedFields = ["expected_answer", "expected", "ground_truth", "reference", "answer", "target"];
const levelFields = ["level", "difficulty", "Level"];
const idFields = ["id", "unique_id", "custom_id"];

/**
 * All traces of a row: one as a rule, several where it holds several models or a list of responses.
 * @param name stands for the row's id where it has none
 * @throws DataError naming the field that is missing or wrong
 */
export function readTraces(row: Fields, name: string): Trace[] {
  const shared = readShared(row, name);
  const outputs = labelledOutputs(row);
  if (outputs.length > 0) return outputs.map(([model, output]) => fromLabelled(shared, model, output));
  const replies = readReplies(row);
  if (replies) return numbered(replies.flatMap((reply) => fromReply(shared, reply)));
  const texts = responsesOf(row);
  const solutions = readSolutions(row);
  return numbered(
    texts.map((text) => {
      const marked = splitMarks(text);
      expectReasoning(marked);
      return { ...shared, ...marked, reportedTokenCount: null, solutions, flags: [] };
    }),
  );
}

type Shared = Pick<Trace, "id" | "problem" | "expected" | "correct" | "level" | "model">;

function readShared(row: Fields, name: string): Shared {
  const problem = textField(row, problemFields) ?? lastMessage(row, "user");
  if (problem === undefined) {
    throw new DataError("There is no problem", {
      hint: `Add a field "problem" or "question" (found: ${Object.keys(row).slice(0, 6).join(", ") || "none"}).`,
    });
  }
  const given = textField(row, expectedFields);
  const correct = row.correct ?? row.is_correct;
  if (correct !== undefined && correct !== null && typeof correct !== "boolean") {
    throw new DataError(`correct: expected true or false, got ${describeValue(correct)}`, {
      hint: "Write it without quotes.",
    });
  }
  return {
    id: textField(row, idFields) ?? name,
    problem,
    expected: given === undefined ? null : expectedAnswer(given),
    correct: correct ?? null,
    level: textField(row, levelFields) ?? null,
    model: textField(row, ["model"]) ?? null,
  };
}

/** A worked solution as reference holds its answer at the end. */
function expectedAnswer(text: string): string {
  return text.length < 40 ? text.trim() : (extractAnswer(text)?.text ?? text.trim());
}

function textField(row: Fields, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = row[name];
    if (typeof value === "string" && value.trim() !== "") return value;
    if (typeof value === "number" && Number.isFinite(value)) return String(value);
  }
  return undefined;
}

/** Of a conversation, or of the request that a batch file keeps beside its reply. */
function lastMessage(row: Fields, role: "user" | "assistant"): string | undefined {
  const request = asObject(row.request) ?? asObject(row.body) ?? row;
  const { messages } = asObject(request.body) ?? request;
  if (!Array.isArray(messages)) return undefined;
  const content = asObject(messages.findLast((message) => asObject(message)?.role === role))?.content;
  return typeof content === "string" ? content : undefined;
}

function responsesOf(row: Fields): string[] {
  for (const name of responseFields) {
    const value = row[name];
    if (typeof value === "string") return [value];
    if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")) return value;
  }
  const said = lastMessage(row, "assistant");
  if (said !== undefined) return [said];
  const name = responseFields.find((field) => row[field] !== undefined);
  throw new DataError(name ? `${name}: expected text, got ${describeValue(row[name])}` : "There is no response", {
    hint: 'Put the model\'s whole text into the field "response".',
  });
}

function expectReasoning({ reasoning }: Pick<MarkedText, "reasoning">): void {
  if (reasoning.trim() !== "") return;
  throw new DataError("response: the reasoning is empty", {
    hint: "A server may hide a model's reasoning: ask for reasoning_content, or leave the row out.",
  });
}

/** `split_solutions` of the published files: texts, or objects with verdict and cluster. */
function readSolutions(row: Fields): Solution[] | null {
  const split = row.split_solutions;
  if (split === undefined || split === null) return null;
  const result = SplitSolutions.safeParse(split);
  if (!result.success || result.data.length === 0) {
    const issue = result.success ? "is an empty list" : describeIssue(result.error);
    throw new DataError(`split_solutions${issue.startsWith("[") ? "" : ": "}${issue}`, {
      hint: 'Each solution is a text, or an object with "solution", and "correct" and "cluster" where they are known.',
    });
  }
  const answers = Array.isArray(row.split_answers) ? row.split_answers : [];
  return result.data.map((entry, index) => {
    const { solution, correct, cluster, answer } = typeof entry === "string" ? { solution: entry } : entry;
    const stated = answer ?? answers[index];
    return {
      text: solution,
      answer: typeof stated === "string" ? stated : null,
      correct: correct ?? null,
      strategy: cluster === undefined || cluster === null ? null : String(cluster),
      tokenCount: 0,
    };
  });
}

const SplitSolutions = z.array(
  z.union([
    z.string(),
    z.object({
      solution: z.string(),
      correct: z.boolean().nullish(),
      cluster: z.union([z.int(), z.string()]).nullish(),
      answer: z.string().nullish(),
    }),
  ]),
);

function describeIssue(error: z.ZodError): string {
  const { path, message } = error.issues[0]!;
  return path.length > 0 ? `[${String(path[0])}]: ${message}` : message;
}

/** Fields that hold one model's labelled output, as OpenAI's GSM8K outputs have them. */
function labelledOutputs(row: Fields): [string, z.output<typeof LabelledOutput>][] {
  return Object.entries(row).flatMap(([name, value]) => {
    const output = LabelledOutput.safeParse(value);
    return output.success ? [[name, output.data] as [string, z.output<typeof LabelledOutput>]] : [];
  });
}

const LabelledOutput = z.object({ solution: z.string().min(1), is_correct: z.boolean() });

/** One solution with its verdict: nothing is left to be cut or judged. */
function fromLabelled(
  shared: Shared,
  model: string,
  { solution, is_correct: correct }: z.output<typeof LabelledOutput>,
): Trace {
  const marked = splitMarks(solution);
  expectReasoning(marked);
  const answer = extractAnswer(solution)?.text ?? null;
  const only = { text: marked.reasoning, answer, correct, strategy: "0", tokenCount: 0 };
  return {
    ...shared,
    ...marked,
    id: `${shared.id} ${model}`,
    model,
    correct,
    reportedTokenCount: null,
    solutions: [only],
    flags: [],
  };
}

const Completion = z.looseObject({
  model: z.string().optional(),
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({
          content: z.string().nullish(),
          reasoning_content: z.string().nullish(),
          reasoning: z.string().nullish(),
        }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.looseObject({ completion_tokens: z.number().optional() }).nullish(),
});

/** The replies in a row: the row itself, its `response`, or the body of a batch's response. */
function readReplies(row: Fields): z.output<typeof Completion>[] | undefined {
  const response = asObject(row.response);
  for (const candidate of [row, response, asObject(response?.body), asObject(row.reply), asObject(row.completion)]) {
    const reply = Completion.safeParse(candidate);
    if (reply.success) return [reply.data];
  }
  return undefined;
}

function fromReply(shared: Shared, { choices, model, usage }: z.output<typeof Completion>): Trace[] {
  return choices.map(({ message, finish_reason: finishReason }) => {
    const thought = message.reasoning_content ?? message.reasoning ?? "";
    const content = message.content ?? "";
    const isCut = finishReason === "length";
    const marked: MarkedText = thought
      ? { format: "separate", opening: "", reasoning: thought, closing: content, truncated: isCut || !content }
      : splitMarks(content);
    expectReasoning(marked);
    return {
      ...shared,
      ...marked,
      truncated: marked.truncated || isCut,
      model: shared.model ?? model ?? null,
      // Tokens are those of all choices together: only one alone can be told.
      reportedTokenCount: (choices.length === 1 && usage?.completion_tokens) || null,
      solutions: null,
      flags: [],
    };
  });
}

/** Traces of one row keep their row's id; several get a number behind it. */
function numbered(traces: Trace[]): Trace[] {
  return traces.length === 1 ? traces : traces.map((trace, index) => ({ ...trace, id: `${trace.id} #${index + 1}` }));
}

function asObject(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
