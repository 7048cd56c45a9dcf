/**
 * Cuts what a model wrote back into solutions, by the rules of this world: exact on the teacher's traces, and total:
 * any text gives a result, which says what is malformed about it.
 * Source for what counts as a solution: papers/overthinking section 2.2 (a stretch that states an answer; a stretch
 * without one belongs to the solution after it, or at the end to the one before it).
 */
import type { JudgedSolution } from "../metrics.ts";
import { type Problem, trueSum } from "./problem.ts";
import { STRATEGIES, type Strategy } from "./strategies.ts";
import {
  ANSWER,
  ARROW,
  BOS,
  DIFFERS,
  END_OF_ANSWER,
  END_OF_THINKING,
  EOS,
  LABELS,
  PAD,
  ROUND_MARKERS,
  SAME,
  splitTokens,
  THINK,
} from "./vocabulary.ts";

export type ParsedSolution = {
  text: string;
  tokenCount: number;
  strategy: Strategy | "unknown";
  answer: number;
  /** What the model said about it. */
  verdict: "same" | "differs" | null;
};

export type ParsedTrace = {
  solutions: ParsedSolution[];
  /** The number between the answer tokens; null when there is none. */
  answer: number | null;
  /** Everything the model wrote, prompt and padding not counted. */
  tokenCount: number;
  /** The text ended before its answer did. */
  truncated: boolean;
  /** What is not as it should be, in words; empty for a well-formed trace. */
  faults: string[];
};

const number = "\\d{1,3}";
const about = ` [①-⑥] ${number}`;
const adding = ` [①-⑥]\\+${number}`;
const equals = ` = ${number}`;

/** The form of each strategy between its label and its arrow. */
const FORMS: Record<Strategy, RegExp> = {
  full: form(`${about}(?: [②-⑥] \\+ ${number}${equals})+`),
  check: form(`(?:${about})+`),
  reverse: form(`${about}(?:${adding}${equals})*${adding}`),
  pairs: form(
    `${about}${adding}(?:${equals}(?:${about}${adding}${equals}(?:, total ${number})?)*(?:${adding}|(?<=${equals})))?`,
  ),
  tens: form(`(?:${about})+ units:(?:${about})+`),
};

/** @param text what the model wrote after the prompt, special tokens included */
export function parseTrace(text: string): ParsedTrace {
  const tokens = splitTokens(text).filter((token) => token !== PAD && token !== BOS);
  const faults: string[] = [];
  const thinkAt = tokens.indexOf(THINK);
  if (thinkAt !== 0) faults.push(`expected ${THINK} first, found ${quote(tokens[0])}`);
  const endAt = tokens.indexOf(END_OF_THINKING);
  const thinking = tokens.slice(thinkAt + 1, endAt === -1 ? tokens.length : endAt);
  const closing = endAt === -1 ? [] : tokens.slice(endAt + 1);
  const truncated = endAt === -1 || !closing.includes(END_OF_ANSWER);
  if (endAt === -1) faults.push(`no ${END_OF_THINKING}: the thinking does not end`);

  const solutions = joinAnswerless(cutAtMarkers(thinking, faults), faults);
  const answer = endAt === -1 ? null : parseAnswer(closing, faults);
  if (answer !== null && !solutions.some((solution) => solution.answer === answer)) {
    faults.push(`the answer ${answer} is not that of any solution`);
  }
  return { solutions, answer, tokenCount: tokens.length, truncated, faults };
}

/** The parsed solutions with the world's judgement, as the metrics take them. */
export function judgeSolutions(trace: ParsedTrace, problem: Problem): JudgedSolution[] {
  const truth = trueSum(problem);
  return trace.solutions.map(({ tokenCount, strategy, answer }) => ({
    tokenCount,
    strategy,
    correct: answer === truth,
  }));
}

type Piece = Omit<ParsedSolution, "answer"> & { answer: number | null };

function cutAtMarkers(thinking: string[], faults: string[]): Piece[] {
  const starts = thinking.flatMap((token, at) => (ROUND_MARKERS.includes(token) ? [at] : []));
  if (thinking.length === 0) faults.push("the thinking is empty");
  else if (starts[0] !== 0) faults.push(`expected ${quote(ROUND_MARKERS[0])} to open the first solution`);
  const bounds = starts[0] === 0 || thinking.length === 0 ? starts : [0, ...starts];
  return bounds.map((start, index) => readPiece(thinking.slice(start, bounds[index + 1]), index, faults));
}

function readPiece(tokens: string[], index: number, faults: string[]): Piece {
  const name = `solution ${index + 1}`;
  const text = tokens.join("");
  const isMarked = ROUND_MARKERS.includes(tokens[0]!);
  if (isMarked && tokens[0] !== ROUND_MARKERS[index]) faults.push(`${name} is numbered ${tokens[0]!.trim()}`);
  const body = (isMarked ? tokens.slice(1) : tokens).join("");
  const [, working = body, result, verdict] = body.match(/^(.*) → (\d{1,3})(?: \((same|differs)\))?$/su) ?? [];
  const strategy = STRATEGIES.find((candidate) => body.startsWith(LABELS[candidate])) ?? "unknown";

  if (strategy === "unknown") faults.push(`${name} begins with no strategy: ${quote(body)}`);
  else if (!FORMS[strategy].test(working.slice(LABELS[strategy].length))) {
    faults.push(`${name} does not have the form of "${LABELS[strategy]}": ${quote(body)}`);
  }
  if (result !== undefined && (index === 0) !== (verdict === undefined)) {
    faults.push(index === 0 ? `${name} has a verdict` : `${name} ends without${SAME} or${DIFFERS}`);
  }
  return {
    text,
    tokenCount: tokens.length,
    strategy,
    answer: result === undefined ? lastStatedAnswer(body) : Number(result),
    verdict: (verdict as "same" | "differs" | undefined) ?? null,
  };
}

/** The number after the last arrow of a piece that does not end as it should. */
function lastStatedAnswer(body: string): number | null {
  const stated = body.slice(body.lastIndexOf(ARROW) + ARROW.length).match(/^\d{1,3}/u);
  return body.includes(ARROW) && stated ? Number(stated[0]) : null;
}

function joinAnswerless(pieces: Piece[], faults: string[]): ParsedSolution[] {
  const solutions: ParsedSolution[] = [];
  let waiting: Piece[] = [];
  pieces.forEach((piece, index) => {
    if (piece.answer === null) {
      faults.push(`solution ${index + 1} states no answer: ${quote(piece.text.trimStart())}`);
      waiting.push(piece);
      return;
    }
    solutions.push(absorb({ ...piece, answer: piece.answer }, waiting, "before"));
    waiting = [];
  });
  const last = solutions.pop();
  return last ? [...solutions, absorb(last, waiting, "after")] : [];
}

function absorb(solution: ParsedSolution, pieces: Piece[], side: "before" | "after"): ParsedSolution {
  const text = pieces.map((piece) => piece.text).join("");
  const tokenCount = pieces.reduce((total, piece) => total + piece.tokenCount, solution.tokenCount);
  return { ...solution, tokenCount, text: side === "before" ? text + solution.text : solution.text + text };
}

function parseAnswer(closing: string[], faults: string[]): number | null {
  const text = closing.join("");
  const exact = text.match(new RegExp(`^${ANSWER}(\\d{1,3})${END_OF_ANSWER}(?:${EOS})?$`, "u"));
  if (exact) return Number(exact[1]);
  faults.push(`expected ${ANSWER}number${END_OF_ANSWER} after the thinking, found ${quote(text)}`);
  const inside = text.match(new RegExp(`${ANSWER}(\\d{1,3})${END_OF_ANSWER}`, "u"));
  return inside ? Number(inside[1]) : null;
}

function form(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`, "u");
}

function quote(text: string | undefined): string {
  if (text === undefined) return "nothing";
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
