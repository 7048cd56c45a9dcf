/** Calls about asking: models to choose from, and an answer that is written while we read. */
import { z } from "zod";
import { call } from "../call.ts";
import type { ProblemLine } from "../stream-lines.ts";

export interface AskModel {
  id: string;
  /** Where it runs. */
  place: "here" | "server";
  /** It only adds: each question stands for itself. */
  isSums: boolean;
  /** Host of the server; null for models of this machine. */
  host: string | null;
}

/** A line of the answer. */
export type AskLine =
  | { kind: "thinking" | "answer"; text: string; tokens: number }
  /** After each solution of the thinking: how settled its answer is. */
  | { kind: "certainty"; tokens: number; value: number; answers: string[] }
  /** Here it would have stopped, or did. */
  | { kind: "settled"; tokens: number; answer: string }
  | {
      kind: "end";
      /** What the model ended in; null: nothing that could be read. */
      answer: string | null;
      tokens: number;
      tokensPerSecond: number;
      end: "whole" | "stopped" | "limit";
    }
  | ProblemLine;

const message = z.object({ role: z.enum(["user", "assistant"]), content: z.string().max(200_000) });

export const askCalls = {
  "ask.models": call(z.object({})).returns<AskModel[]>(),
  /** Answers with lines of JSON. */
  "ask.answer": call(
    z.object({
      model: z.string().max(300),
      messages: z.array(message).min(1).max(200),
      maxTokens: z.int().min(1).max(100_000).default(2048),
      temperature: z.number().min(0).max(2).default(0),
      /** Leave the model's thinking as soon as it has settled, in place of only marking the place. */
      stop: z.boolean().default(false),
    }),
  ).returns<Response>(),
};
