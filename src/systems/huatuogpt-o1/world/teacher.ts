/**
 * The "scripted teacher" of Clinic: a program in place of the strong model. It is asked with our prompts, answers in the
 * JSON form of actions, and goes through the same parser and state machine as any model.
 * Source: spec section 6, stage C: a first guess by prevalence, a slip in 5 % of its hops, and for each strategy an effect
 * of its own:
 *   Exploring New Paths   begins anew with another finding
 *   Backtracking          goes on with the list of the complaint, where it left it
 *   Verification          goes down that list and checks each candidate until one holds
 *   Correction            puts the hops right where the condition holds, else tries the next candidate
 */
import { Random } from "../../../core/random.ts";
import type { ChatRequest, Endpoint } from "../../../endpoint/index.ts";
import { defaultPrompts, type PromptName } from "../prompts/defaults.ts";
import type { Action } from "../schemas.ts";
import { type Clinic, type ConditionId, type FindingId, namesOf } from "./clinic.ts";
import { labelOf, reformatted } from "./filter.ts";
import { conditions, entitiesPerRelation } from "./names.ts";
import { isRight } from "./oracle.ts";
import { answerOf, fitsAll, parseQuestion } from "./question.ts";
import { type Line, readChain } from "./read-chain.ts";
import { scriptedEndpoint, tagged } from "./scripted-endpoint.ts";
import { checkOf, type Statement, say } from "./sentences.ts";

export interface TeacherOptions {
  /** Share of hops, and of first guesses, that go wrong; default 0.05. */
  slip?: number;
}

export const teacherName = "scripted teacher";

export function clinicTeacher(clinic: Clinic, { slip = 0.05 }: TeacherOptions = {}): Endpoint {
  return scriptedEndpoint(teacherName, (request) => {
    const message = String(request.messages.find(({ role }) => role === "user")!.content);
    const purpose = purposeOf(message);
    switch (purpose) {
      case "verify":
        return isRight(tagged(message, "response"), tagged(message, "reference")) ? "True" : "False";
      case "natural":
        return JSON.stringify({ NaturalReasoning: asMonologue(tagged(message, "protocol")) });
      case "filter":
        return labelOf(
          clinic,
          tagged(message, "question"),
          tagged(message, "options"),
          randomOf(clinic, message, request),
        );
      case "reformat":
        return reformatted(tagged(message, "question"), tagged(message, "key"));
      case "respond":
        return answerFrom(tagged(message, "thinking"));
      default: {
        const statement = parseQuestion(tagged(message, "problem"));
        if (!statement) return "This is not about the clinic.";
        const thinker = createThinker(clinic, statement, slip, randomOf(clinic, message, request));
        return JSON.stringify({ CoT: purpose === "init" ? thinker.begin() : refine(thinker, purpose, message) });
      }
    }
  });
}

const randomOf = ({ seed }: Clinic, message: string, request: ChatRequest) =>
  new Random(`${seed}/teacher`).split(message).split(request.seed ?? 0);

/** Which of our prompts a message is: by its beginning, and where these are alike by the sentence that differs. */
export function purposeOf(message: string): PromptName {
  const names = Object.keys(defaultPrompts) as PromptName[];
  const fixedParts = (name: PromptName) => defaultPrompts[name].split(/\{\{\w+\}\}/);
  return names.find((name) => fixedParts(name).every((part) => message.includes(part))) ?? "init";
}

type Thinker = ReturnType<typeof createThinker>;

function refine(thinker: Thinker, purpose: PromptName, message: string): Action[] {
  const chain = JSON.parse(tagged(message, "reasoning so far")) as Action[];
  const lines = readChain(chain.map(({ content }) => content).join("\n"));
  switch (purpose) {
    case "strategy-exploring-new-paths":
      return thinker.explore(lines);
    case "strategy-backtracking":
      return thinker.backtrack(lines);
    case "strategy-verification":
    case "reveal":
      return thinker.verify(lines);
    default:
      return thinker.correct(lines);
  }
}

/** What a program can think about one question. */
function createThinker(clinic: Clinic, statement: Statement, slip: number, rng: Random) {
  const [complaint] = statement.present as [FindingId];
  const think = (title: string, content: string): Action => ({
    action: "Inner Thinking",
    title,
    content: content.trim(),
  });
  const check = (id: ConditionId, lead: FindingId) => checkOf(clinic, id, statement, lead).trim();

  /** From a condition to the answer, each hop told. */
  function hops(id: ConditionId): { actions: Action[]; name: string } {
    const { query } = statement;
    const actions: Action[] = [];
    let subject = id;
    if (query.hops === 2) {
      subject = rng.bool(slip) ? rng.int(0, conditions.length - 1) : clinic.conditions[id]!.complication;
      actions.push(think("Complication", say.complication(id, subject)));
    }
    const own = clinic.conditions[subject]!.facts[query.relation];
    const name = rng.choice(namesOf(query.relation, rng.bool(slip) ? rng.int(0, entitiesPerRelation - 1) : own));
    actions.push(think("Answer", say.fact(query.relation, subject, name)));
    return { actions, name };
  }

  /** Goes on from a candidate to a conclusion and what speaks for it, which by default is a check. */
  function conclude(id: ConditionId, lead: FindingId, verification = check(id, lead)): Action[] {
    const { actions, name } = hops(id);
    return [
      ...actions,
      { action: "Final Conclusion", content: say.conclusion(name).trim() },
      { action: "Verification", content: verification },
    ];
  }

  /** The most frequent condition with a finding that was not thought of yet. */
  const fresh = (lead: FindingId, tried: ReadonlySet<ConditionId>) =>
    clinic.byFinding[lead]!.find((id) => !tried.has(id));

  /** What comes after a candidate in the list it is from. */
  function after({ lead, candidate, tried }: Line) {
    const list = clinic.byFinding[lead]!;
    return list.slice(list.indexOf(candidate) + 1).find((id) => !tried.has(id));
  }

  /** The next candidate, from the list at hand or from that of another finding. */
  function move(from: Line): { lead: FindingId; candidate: ConditionId; action: Action } {
    const next = after(from);
    if (next !== undefined) {
      const list = clinic.byFinding[from.lead]!;
      const before = list[list.indexOf(next) - 1]!;
      return { lead: from.lead, candidate: next, action: think("Next", say.next(from.lead, before, next)) };
    }
    return another(from);
  }

  function another(from: Line): { lead: FindingId; candidate: ConditionId; action: Action } {
    const others = statement.present.filter((finding) => finding !== from.lead);
    const lead = others.find((finding) => fresh(finding, from.tried) !== undefined) ?? complaint;
    const candidate = fresh(lead, from.tried) ?? clinic.byFinding[lead]![0]!;
    return { lead, candidate, action: think("Another side", say.otherThought(lead, candidate)) };
  }

  /** What is wrong with where a chain stands: the condition, else a hop. */
  const doubt = (line: Line): Action => ({
    action: "Verification",
    content: [check(line.candidate, line.lead), ...wrongHop(line)].join("\n"),
  });

  function wrongHop({ candidate, complication, subject, name }: Line): string[] {
    const { query } = statement;
    if (!fitsAll(clinic, candidate, statement)) return [];
    const truth = answerOf(clinic, candidate, query);
    if (query.hops === 2 && complication !== undefined && complication !== truth.subject)
      return [say.notComplication(candidate, complication).trim()];
    if (name !== undefined && subject === truth.subject && !truth.names.includes(name))
      return [say.notFact(query.relation, truth.subject, name).trim()];
    return [];
  }

  const goOn = ({ lead, candidate, action }: ReturnType<typeof move>): Action[] => [
    action,
    ...conclude(candidate, lead),
  ];

  return {
    begin(): Action[] {
      const [first, second] = clinic.byFinding[complaint]!;
      const guess = second !== undefined && rng.bool(slip) ? second : first!;
      return [think("First thought", say.firstThought(complaint, guess)), ...conclude(guess, complaint)];
    },
    explore: (line: Line): Action[] => [doubt(line), ...goOn(another(line))],
    backtrack: (line: Line): Action[] =>
      fitsAll(clinic, line.candidate, statement)
        ? [doubt(line), ...conclude(line.candidate, line.lead)]
        : [doubt(line), ...goOn(move({ ...line, ...line.ofComplaint }))],
    correct: (line: Line): Action[] =>
      fitsAll(clinic, line.candidate, statement)
        ? [doubt(line), ...conclude(line.candidate, line.lead)]
        : [doubt(line), ...goOn(move(line))],
    verify(line: Line): Action[] {
      const actions: Action[] = [doubt(line)];
      if (fitsAll(clinic, line.candidate, statement)) return [...actions, ...conclude(line.candidate, line.lead)];
      let at = line;
      for (let steps = 1; steps < 4; steps++) {
        const { action, candidate, lead } = move(at);
        actions.push(action, think("Check", check(candidate, lead)));
        // nobody may know before a check how it ends: who learns from such chains would have to guess
        if (fitsAll(clinic, candidate, statement))
          return [...actions, ...conclude(candidate, lead, say.checked(candidate).trim())];
        at = { ...at, lead, candidate, tried: new Set([...at.tried, candidate]) };
      }
      return [...actions, ...goOn(move(at))];
    },
  };
}

/**
 * The protocol's blocks as one thought per line, and at the end once more what they came to. Where a monologue ended with a
 * check, some models answered two-hop questions by heart instead of by their own conclusion (docs/log.md).
 */
function asMonologue(protocol: string): string {
  const thoughts = protocol.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("### "));
  const told = thoughts.join("\n");
  return told + say.conclusion(conclusionOf(told));
}

function answerFrom(thinking: string): string {
  return say.answer(conclusionOf(thinking));
}

/** What the last conclusion of a monologue came to. */
function conclusionOf(thinking: string): string {
  return [...thinking.matchAll(/So it is ([^.\n]+)\./g)].at(-1)?.[1] ?? "";
}
