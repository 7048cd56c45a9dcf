/**
 * Submissions of the service: taken at once, judged in their order of coming, asked for by number.
 * The published client asks for each verdict once and takes what it gets, so an answer waits for the judge for a while.
 */
import type { Judge } from "../judge/judge.ts";
import { findLanguage } from "../judge/languages.ts";
import type { LanguageId, Verdict } from "../schemas.ts";
import type { ServedProblem } from "./problems.ts";

/** Codeforces's numbers of languages, as the published client sends them, and those of other compilers of the same. */
const languageOfNumber: ReadonlyMap<number, LanguageId> = new Map([
  ...[43].map((id) => [id, "c"] as const),
  ...[50, 52, 54, 61, 73, 89, 91].map((id) => [id, "cpp"] as const),
  ...[31, 41, 70].map((id) => [id, "python"] as const),
  ...[34, 55].map((id) => [id, "javascript"] as const),
  ...[36, 60, 74, 87].map((id) => [id, "java"] as const),
]);

/** What the service calls a verdict: "AC" is right, everything else is not. */
export type CanonicalStatus = (typeof canonical)[Verdict] | "PENDING" | "UNKNOWN" | "LANGUAGE";
const canonical = {
  OK: "AC",
  WRONG_ANSWER: "WA",
  PRESENTATION_ERROR: "PE",
  TIME_LIMIT_EXCEEDED: "TLE",
  MEMORY_LIMIT_EXCEEDED: "MLE",
  IDLENESS_LIMIT_EXCEEDED: "ILE",
  RUNTIME_ERROR: "RE",
  COMPILATION_ERROR: "CE",
  OUTPUT_LIMIT: "OLE",
  SECURITY_VIOLATED: "SV",
  FAILED: "JE",
  SKIPPED: "JE",
} as const satisfies Record<Verdict, string>;

export interface SubmissionStatus {
  status_canonical: CanonicalStatus;
  /** Why, where it is not the program's fault or not yet known. */
  message?: string;
}

export interface Submissions {
  /** Those that are not judged yet. */
  readonly openCount: number;
  /** @returns its number */
  submit(served: ServedProblem, language: number, code: string): Promise<string>;
  /** Waits for the verdict for at most `waitMs`; without one it is PENDING. */
  status(id: string, waitMs: number): Promise<SubmissionStatus>;
  /** Ends what is being judged. */
  close(): void;
}

/** Verdicts are kept for so many submissions, the newest ones. */
const mostKept = 100_000;

export function openSubmissions(judge: Judge): Submissions {
  const known = new Map<string, Promise<SubmissionStatus>>();
  const stop = new AbortController();
  let [count, openCount] = [0, 0];

  async function judgeOne({ problem }: ServedProblem, language: number, source: string): Promise<SubmissionStatus> {
    const id = languageOfNumber.get(language);
    if (!id || !(await findLanguage(id))) {
      // An answer that the client counts as wrong but a person sees: an HTTP error would end its whole run.
      return { status_canonical: "LANGUAGE", message: `language ${language} is not judged here` };
    }
    const judgement = await judge.judge(problem, { language: id, source, files: {} }, { signal: stop.signal });
    const status_canonical = canonical[judgement.verdict];
    if (status_canonical !== "JE") return { status_canonical };
    return { status_canonical, message: judgement.tests.find(({ verdict }) => verdict === "FAILED")?.message ?? "" };
  }

  return {
    get openCount() {
      return openCount;
    },
    async submit(served, language, code) {
      const id = String(++count);
      openCount++;
      const judged = judgeOne(served, language, code)
        .catch((error): SubmissionStatus => ({ status_canonical: "JE", message: (error as Error).message }))
        .finally(() => openCount--);
      known.set(id, judged);
      if (known.size > mostKept) known.delete(known.keys().next().value!);
      return id;
    },
    async status(id, waitMs) {
      const judged = known.get(id);
      // "Error" is what the client has in place of a number when submitting failed; it asks for that, too.
      if (!judged) return { status_canonical: "UNKNOWN", message: `there is no submission "${id.slice(0, 40)}"` };
      const { promise: late, resolve } = Promise.withResolvers<SubmissionStatus>();
      const timer = setTimeout(() => resolve({ status_canonical: "PENDING" }), waitMs);
      return Promise.race([judged, late]).finally(() => clearTimeout(timer));
    },
    close: () => stop.abort(new Error("the service was stopped")),
  };
}
