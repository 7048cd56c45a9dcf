/**
 * The verifier-guided search for one problem: a chain is begun, its conclusion checked, and while it is wrong the chain
 * goes on by a strategy drawn at random; after N refinements a new attempt begins, up to T of them.
 * Source: spec section 2.3 (HuatuoGPT-o1, section 2.2). As in the paper every attempt begins anew; the authors' code keeps
 * its first chain. The label-revealed round is the code's; here it is off unless asked for, and verified like any other.
 *
 * All draws follow from the seed and the problem alone, so the same seed and the same answers give the same log.
 */
import { contentHash } from "../../../core/canonical.ts";
import { Random } from "../../../core/random.ts";
import { fill } from "../prompts/prompts.ts";
import type { Action } from "../schemas.ts";
import { type Answer, askForJson, type Teacher } from "../teacher.ts";
import { conclusionOf, InitReply, openEnd, RefinementReply, showChain } from "./chain.ts";
import { pickStrategy, type Strategy } from "./strategies.ts";
import type { Verdict, Verifier } from "./verifiers.ts";

export interface SearchOptions {
  teacher: Teacher;
  verifier: Verifier;
  strategies: readonly Strategy[];
  /** N: refinements per attempt; the paper has 3, the authors' code 2. */
  depth: number;
  /** T: the paper has 3, the authors' code 1. */
  attempts: number;
  /** After the last attempt, tell the teacher the answer and let it arrive there. */
  revealLabel: boolean;
  seed: number;
  signal?: AbortSignal;
}

/** One reply of the teacher, and what the verifier said of its conclusion. */
export interface SearchStep {
  /** `Init_CoT`, `Re_CoT_<strategy>` or `Label_CoT`. */
  type: string;
  query: string;
  reply: string;
  /** Empty where the reply could not be used. */
  actions: Action[];
  /** Absent where there was nothing to judge. */
  verdict?: Verdict;
  /** Why the reply could not be used. */
  fault?: { kind: "parse_error" | "refused"; detail: string };
}

export interface Attempt {
  steps: SearchStep[];
  /** The chain so far, trailing Verification included. */
  chain: Action[];
  end: "accepted" | "exhausted" | "parse_error" | "refused";
}

export interface SearchLog {
  attempts: Attempt[];
  /** The last attempt was accepted. */
  found: boolean;
  /** It was accepted only after the teacher had been told the answer. */
  labelRevealed: boolean;
}

/** @throws EndpointError for what concerns all problems; what the signal aborts with */
export async function search(question: string, reference: string, options: SearchOptions): Promise<SearchLog> {
  const random = new Random(options.seed).split(contentHash([question, reference]));
  const log: SearchLog = { attempts: [], found: false, labelRevealed: false };
  for (let attempt = 1; attempt <= options.attempts && !log.found; attempt++) {
    log.attempts.push(await makeAttempt(question, reference, random.split(`attempt ${attempt}`), options));
    log.found = log.attempts.at(-1)!.end === "accepted";
  }
  if (log.found || !options.revealLabel) return log;
  const failed = log.attempts.findLast(({ chain }) => chain.length > 0);
  if (!failed) return log; // every attempt ended before it had a chain to go on from
  const revealed: Attempt = { steps: [], chain: failed.chain, end: "exhausted" };
  const query = fill(options.teacher.prompts.reveal, {
    question,
    answer: reference,
    chain: showChain(openEnd(failed.chain)),
  });
  await refine(revealed, "Label_CoT", query, reference, random.split("reveal"), options);
  log.attempts.push(revealed);
  log.found = log.labelRevealed = revealed.end === "accepted";
  return log;
}

async function makeAttempt(question: string, reference: string, random: Random, options: SearchOptions) {
  const { teacher, strategies, depth } = options;
  const attempt: Attempt = { steps: [], chain: [], end: "exhausted" };
  const query = fill(teacher.prompts.init, { question });
  const answer = await askForJson(teacher, query, InitReply, asking(random, options));
  await take(attempt, "Init_CoT", answer, reference, options);
  for (let i = 1; i <= depth && attempt.end === "exhausted"; i++) {
    const strategy = pickStrategy(strategies, i, random.split(`strategy ${i}`));
    const refineQuery = fill(strategy.prompt, { question, chain: showChain(openEnd(attempt.chain)) });
    await refine(attempt, `Re_CoT_${strategy.name}`, refineQuery, reference, random.split(`depth ${i}`), options);
  }
  return attempt;
}

async function refine(
  attempt: Attempt,
  type: string,
  query: string,
  reference: string,
  random: Random,
  options: SearchOptions,
): Promise<void> {
  const answer = await askForJson(options.teacher, query, RefinementReply, asking(random, options));
  await take(attempt, type, answer, reference, options);
}

/** Puts a reply on the chain and has its conclusion judged. */
async function take(
  attempt: Attempt,
  type: string,
  answer: Answer<{ CoT: Action[] }>,
  reference: string,
  { verifier, signal }: SearchOptions,
): Promise<void> {
  const { query, reply } = answer;
  if (!("value" in answer)) {
    const { fault: kind, detail } = answer;
    attempt.steps.push({ type, query, reply, actions: [], fault: { kind, detail } });
    attempt.end = kind;
    return;
  }
  const actions = answer.value.CoT;
  attempt.chain = [...openEnd(attempt.chain), ...actions];
  const verdict = await verifier.verify(conclusionOf(attempt.chain), reference, signal ? { signal } : {});
  attempt.steps.push({ type, query, reply, actions, verdict });
  if (verdict === true) attempt.end = "accepted";
}

const asking = (random: Random, { signal }: SearchOptions) => ({
  seed: random.split("seed").uint32() >>> 1,
  ...(signal && { signal }),
});
