/** Overthinking of o1-like models: the world "Sums", the embedded reasoner, and the efficiency of reasoning traces. */
export { type AskOptions, askReasoner, type ReasonerReply } from "./ask.ts";
export { figuresByLevel, figuresTable } from "./evaluate.ts";
export {
  type Efficiency,
  efficiency,
  type JudgedSolution,
  responseOutcomeEfficiency,
  responseProcessEfficiency,
} from "./metrics.ts";
export { parseQuestion, type Question, type RefusalReason } from "./questions.ts";
export { evaluateReasoner, FULL_SETTINGS, QUICK_SETTINGS, type ReasonerContext, trainReasoner } from "./reasoner.ts";
export { Figures, ReasonerEvaluation, ReasonerSettings } from "./schemas.ts";
export { checkText, type SolvedProblem, type SolveOptions, type SolveResult, solveSums } from "./solve.ts";
export { sumsTokenizer } from "./tokenizer.ts";
export { type ParsedSolution, type ParsedTrace, parseTrace } from "./world/parse.ts";
export { LEVELS, type Level, levelOf, type Problem, renderPrompt, sampleProblems, trueSum } from "./world/problem.ts";
export { type PolicyFigures, simulateReference } from "./world/reference.ts";
export { STRATEGIES, type Strategy } from "./world/strategies.ts";
export { type TeacherTrace, teach } from "./world/teacher.ts";
