/**
 * The world of this system, "Clinic": invented conditions with findings, causes, drugs and complications, questions with
 * one answer each, and who asks, answers and judges in it. A pure function of the seed; spec section 6.
 */
export { type Clinic, type Condition, createClinic } from "./world/clinic.ts";
export { type Defect, defects, mcqSet, type PlannedRow } from "./world/mcq.ts";
export { assertedEntity, isRight } from "./world/oracle.ts";
export { type ClinicQuestion, drawQuestion, drawQuestions, parseQuestion, solve } from "./world/question.ts";
export { clinicTeacher } from "./world/teacher.ts";
export { drawPairs } from "./world/verifier-pairs.ts";
export { clinicTokenizer, VOCABULARY } from "./world/vocabulary.ts";
export { weakAnswerers } from "./world/weak.ts";
