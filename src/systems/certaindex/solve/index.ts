/** A whole data set under a policy: from the options of the command, or piece by piece. */
export { openSolveJournal, SolvedQuestion, type SolveJournal } from "./journal.ts";
export { type ChosenPolicy, choosePolicy, type ProgramKind, policyForms } from "./policies.ts";
export { chatPrompting, choosePrompting, readMathsAnswer, textPrompting } from "./prompts.ts";
export { recordingsOf, type SolveContext, type SolveTask, solveAll } from "./solve.ts";
export { type ShadowFigures, type SolveSummary, summarizeSolved } from "./summary.ts";
