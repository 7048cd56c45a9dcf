/**
 * What the scripted teacher says in the factory: the label of a question, by the solver, and the question without options.
 * It knows the world, and overlooks a defect in one of fifty questions.
 */
import type { Random } from "../../../core/random.ts";
import { answerField, questionField } from "../schemas.ts";
import type { Label } from "../stages/llm-filter.ts";
import { type Clinic, tellingFindings } from "./clinic.ts";
import { assertedEntity } from "./oracle.ts";
import { answerOf, parseQuestion, solve } from "./question.ts";

const oversight = 0.02;

/** @param options one per line, `A. text` */
export function labelOf(clinic: Clinic, question: string, options: string, rng: Random): Label {
  if (rng.bool(oversight)) return "Pass";
  const statement = parseQuestion(question);
  if (!statement) return "Not Reformulatable";
  if (statement.present.some((finding) => tellingFindings.includes(finding))) return "Too Simple";
  const answers = new Set(solve(clinic, statement).map((id) => answerOf(clinic, id, statement.query).names[0]!));
  if (answers.size === 1) return "Pass";
  const shown = options.split("\n").map((line) => assertedEntity(line));
  const right = [...answers].filter((name) => shown.includes(assertedEntity(name)));
  return right.length > 1 ? "Ambiguous Answer" : "Not Reformulatable";
}

/** Clinic's questions stand without their options as they are. */
export const reformatted = (question: string, answer: string): string =>
  JSON.stringify({ [questionField]: question, [answerField]: answer });
