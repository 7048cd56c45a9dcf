/** The calls about HuatuoGPT-o1. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { wordsOf } from "../../../core/command-line.ts";
import { DataError } from "../../../core/errors.ts";
import type { Handlers } from "../contract.ts";
import type { IndexedRun, RunIndex } from "../runs/run-index.ts";
import type { huatuoCalls, ProblemRow, SearchedProblem } from "./contract.ts";
import { auditOf, type Opinion, readOpinions, stepKey, writeOpinion } from "./opinions.ts";
import { type FoundProblem, questionOf, readMerge, readRejects, readSearch, shorten } from "./search-run.ts";

const maxRuns = 50;

export function createHuatuoHandlers(index: RunIndex): Handlers<keyof typeof huatuoCalls> {
  const searches = new Map<string, FoundProblem[]>(); // of finished runs
  const problemsOf = async (run: IndexedRun): Promise<FoundProblem[]> => {
    const known = searches.get(run.dir);
    if (known) return known;
    const problems = await readSearch(run);
    if (run.status === "finished") searches.set(run.dir, problems);
    if (searches.size > maxRuns) searches.delete(searches.keys().next().value!);
    return problems;
  };
  const describe = async (run: IndexedRun, at: number, opinions: readonly Opinion[]): Promise<SearchedProblem> => {
    const problem = (await problemsOf(run))[at];
    if (!problem) throw new DataError(`Run ${run.key} has no problem ${at + 1}`);
    const outcome = (await readMerge(run, await index.all())).get(problem.question);
    const own = opinions.filter(({ question }) => question === problem.question);
    return {
      ...toRow(problem, at, own),
      ...problem,
      merged: outcome?.merged ?? null,
      mergeReject: outcome?.mergeReject ?? null,
      opinions: Object.fromEntries(own.map(({ attempt, step, person }) => [stepKey(attempt, step), person!])),
    };
  };

  return {
    async "huatuo.runs"() {
      const runs = await index.all();
      const own = runs.filter(({ info }) => info?.command.startsWith("huatuo ")).slice(0, maxRuns);
      const finished = own.filter(({ info, status }) => info!.command === "huatuo search" && status === "finished");
      const searched = finished.map(async (run) => {
        const problems = await problemsOf(run);
        const foundCount = problems.filter(({ isFound }) => isFound).length;
        const { key, info, started } = run;
        return { run: key, words: wordsOf(info!), started, foundCount, notFoundCount: problems.length - foundCount };
      });
      const rejecting = own.filter(({ dir }) => existsSync(join(dir, "rejected.jsonl")));
      return {
        searches: await Promise.all(searched),
        rejecting: rejecting.map(({ key, info }) => ({ run: key, words: `${info!.command} ${wordsOf(info!)}` })),
      };
    },
    async "huatuo.problems"({ run: key, search, offset, limit }) {
      const run = await index.find(key);
      const [problems, opinions] = await Promise.all([problemsOf(run), readOpinions(run.dir)]);
      const words = search.toLowerCase();
      const rows = problems
        .map((problem, at) =>
          toRow(
            problem,
            at,
            opinions.filter(({ question }) => question === problem.question),
          ),
        )
        .filter(({ question, answer }) => `${question} ${answer}`.toLowerCase().includes(words));
      return { total: rows.length, rows: rows.slice(offset, offset + limit), audit: auditOf(opinions) };
    },
    async "huatuo.problem"({ run: key, index: at }) {
      const run = await index.find(key);
      return describe(run, at, await readOpinions(run.dir));
    },
    async "huatuo.judge"({ run: key, index: at, attempt, step, verdict: person }) {
      const run = await index.find(key);
      const problem = (await problemsOf(run))[at];
      const judged = problem?.attempts[attempt]?.steps[step];
      if (!problem || judged?.verdict === undefined) {
        throw new DataError(
          `Run ${key}, problem ${at + 1}: there is no verdict at attempt ${attempt + 1}, step ${step + 1}`,
        );
      }
      const { question } = problem;
      const time = new Date().toISOString();
      writeOpinion(run.dir, { time, question, attempt, step, verifier: judged.verdict, person });
      const opinions = await readOpinions(run.dir);
      return { problem: await describe(run, at, opinions), audit: auditOf(opinions) };
    },
    async "huatuo.rejects"({ run: key, stage, label, offset, limit }) {
      const all = await readRejects((await index.find(key)).dir);
      const groups = [...Map.groupBy(all, (row) => JSON.stringify([row.stage, row.label]))].map(([name, rows]) => {
        const [groupStage, groupLabel] = JSON.parse(name) as [string, string];
        return { stage: groupStage, label: groupLabel, count: rows.length };
      });
      const rows = all.filter((row) => (stage ?? row.stage) === row.stage && (label ?? row.label) === row.label);
      return {
        total: rows.length,
        groups: groups.sort((a, b) => b.count - a.count),
        offset,
        rows: rows.slice(offset, offset + limit).map((row) => ({
          row: row.row,
          stage: row.stage,
          label: row.label,
          question: questionOf(row.item),
          detail: shorten(row.detail),
        })),
      };
    },
  };
}

function toRow(
  { question, answer, isFound, attempts }: FoundProblem,
  at: number,
  opinions: readonly Opinion[],
): ProblemRow {
  return {
    index: at,
    question,
    answer,
    isFound,
    attemptCount: attempts.length,
    stepCount: attempts.reduce((sum, { steps }) => sum + steps.length, 0),
    judgedCount: opinions.length,
  };
}
