/** The procedural world "digit chains" with its known truth (papers/certaindex section 6). */
export { type Lesson, type LessonKind, lesson } from "./world/lessons.ts";
export { isRightSoFar, type ParsedStep, type ParsedTrace, parseProbe, parsePrompt, parseTrace } from "./world/parse.ts";
export {
  answerChances,
  CLASS_WEIGHTS,
  CLASSES,
  classOf,
  type Operation,
  plateauLength,
  type Question,
  type QuestionClass,
  questionKey,
  type Split,
  sampleMixed,
  sampleQuestion,
  sampleQuestions,
  splitOf,
  trueAnswer,
  trueStates,
} from "./world/question.ts";
export { chainsProbe, chainsPrompting, chainsStep, chainsTask, chainsVerdict } from "./world/task.ts";
export {
  CONTEXT_LENGTH,
  type Mode,
  promptTokens,
  renderPrompt,
  STEP_TOKENS,
  type TaughtTrace,
  teach,
} from "./world/teacher.ts";
export { CHAT_TEMPLATE, VOCABULARY } from "./world/vocabulary.ts";
