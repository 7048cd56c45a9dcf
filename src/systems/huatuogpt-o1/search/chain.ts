/**
 * Chains of actions as the teacher writes them, and the order that makes a reply usable.
 * Source: spec section 2.3: each reply is `{"CoT": [...]}`; its last three actions are Inner Thinking, Final
 * Conclusion, Verification, or it is not taken. Ours also wants a refinement to begin with its Verification, since the
 * Verification before it is dropped.
 */
import { z } from "zod";
import { Action } from "../schemas.ts";

const ending: readonly Action["action"][] = ["Inner Thinking", "Final Conclusion", "Verification"];

function checkEnding(actions: readonly Action[]): string | null {
  const last = actions.slice(-ending.length).map(({ action }) => action);
  if (ending.every((action, index) => last[index] === action)) return null;
  return `the last three actions must be ${ending.join(", ")} in this order, got ${last.join(", ")}`;
}

const reply = (check: (actions: readonly Action[]) => string | null) =>
  z.object({ CoT: z.array(Action) }).superRefine(({ CoT }, context) => {
    const problem = check(CoT);
    if (problem) context.addIssue({ code: "custom", path: ["CoT"], message: problem });
  });

/** The first chain. */
export const InitReply = reply(checkEnding);

/** What follows a chain whose conclusion was wrong. */
export const RefinementReply = reply((actions) => {
  const [first] = actions;
  if (first && first.action !== "Verification") {
    return `the first action must be the Verification of the last conclusion, got ${first.action}`;
  }
  return actions.length < 4 ? "after the first Verification there must be new reasoning" : checkEnding(actions);
});

/** What is judged: the conclusion that stands before the trailing Verification. */
export const conclusionOf = (chain: readonly Action[]): string => chain.at(-2)!.content;

/** The chain that a refinement goes on from: its trailing Verification gives way to a new one. */
export const openEnd = (chain: readonly Action[]): Action[] => chain.slice(0, -1);

/** As prompts show a chain. */
export const showChain = (chain: readonly Action[]): string => JSON.stringify(chain, null, 1);

/** A `### title` block per action (spec section 2.4, step 1). */
export function renderChain(chain: readonly Action[]): string {
  const titleOf = (action: Action) => {
    if (action.action === "Inner Thinking") return action.title;
    return action.action === "Final Conclusion" ? "Conclusion" : "Verification";
  };
  return chain.map((action) => `### ${titleOf(action)}\n${action.content}`).join("\n\n");
}
