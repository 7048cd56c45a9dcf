/** Token budgets, of each program and of the whole run: generated tokens, those of probes included. */
import { ApiError } from "../api-error.ts";

export interface BudgetLimits {
  /** Of all requests since the start. */
  runTokens?: number;
  /** Of all requests that name the same program. */
  programTokens?: number;
}

export interface Account {
  /** Counts tokens as soon as they are known. @returns what is left; infinite without a limit */
  spend(tokens: number): number;
}

export interface Budgets {
  readonly spentTokens: number;
  /** @throws ApiError 429 when nothing is left */
  open(program: string | undefined): Account;
}

/** Programs end without saying so; of the oldest nobody asks any more. */
const rememberedPrograms = 100_000;

export function createBudgets({
  runTokens = Number.POSITIVE_INFINITY,
  programTokens = Number.POSITIVE_INFINITY,
}: BudgetLimits): Budgets {
  const byProgram = new Map<string, number>();
  let spentTokens = 0;
  const spentBy = (program: string | undefined) => (program === undefined ? 0 : (byProgram.get(program) ?? 0));
  return {
    get spentTokens() {
      return spentTokens;
    },
    open(program) {
      if (spentTokens >= runTokens) throw usedUp("run", spentTokens, runTokens);
      if (spentBy(program) >= programTokens) throw usedUp(`program ${program}`, spentBy(program), programTokens);
      return {
        spend(tokens) {
          spentTokens += tokens;
          if (program !== undefined && programTokens !== Number.POSITIVE_INFINITY) {
            const spent = spentBy(program) + tokens;
            byProgram.delete(program); // to the end: what was used last is forgotten last
            byProgram.set(program, spent);
            if (byProgram.size > rememberedPrograms) byProgram.delete(byProgram.keys().next().value!);
          }
          return Math.min(runTokens - spentTokens, programTokens - spentBy(program));
        },
      };
    },
  };
}

function usedUp(whose: string, spent: number, limit: number): ApiError {
  return new ApiError(429, "insufficient_quota", `The budget of the ${whose} is used up: ${spent} of ${limit} tokens`, {
    hint: "Waiting does not help; start the proxy with a larger budget.",
  });
}
