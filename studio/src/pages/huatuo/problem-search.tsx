/** One problem's whole search: attempt by attempt, step by step, with the verdicts; then what a merge made of it. */
import { useState } from "react";
import type { SearchedProblem } from "../../../../src/server/studio/huatuo/contract.ts";
import { type CallError, call } from "../../api/client.ts";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Problem } from "../../ui/problem.tsx";
import { StepView } from "./step-view.tsx";

interface ProblemSearchProps {
  run: string;
  index: number;
  onJudged(): void;
}

export function ProblemSearch({ run, index, onJudged }: ProblemSearchProps) {
  const state = useCall("huatuo.problem", { run, index });
  const [judged, setJudged] = useState<SearchedProblem>();
  const [error, setError] = useState<CallError>();
  const judge = async (attempt: number, step: number, verdict: boolean | null) => {
    try {
      setJudged((await call("huatuo.judge", { run, index, attempt, step, verdict })).problem);
      setError(undefined);
      onJudged();
    } catch (failure) {
      setError(failure as CallError);
    }
  };
  return (
    <Answer state={state}>
      {(problem) => (
        <article className="section">
          {error && <Problem error={error} />}
          <SearchView problem={judged ?? problem} onJudge={judge} />
        </article>
      )}
    </Answer>
  );
}

interface SearchViewProps {
  problem: SearchedProblem;
  onJudge(attempt: number, step: number, verdict: boolean | null): Promise<void>;
}

function SearchView({ problem, onJudge }: SearchViewProps) {
  const text = useText();
  const { question, answer, attempts, opinions, merged, mergeReject, teacher, verifier, isLabelRevealed } = problem;
  return (
    <>
      <h2 className="search-question">{question}</h2>
      <dl className="run-facts">
        <div>
          <dt>{text("huatuo.answer")}</dt>
          <dd>
            <strong>{answer}</strong>
          </dd>
        </div>
        {teacher && (
          <div>
            <dt>{text("huatuo.teacher")}</dt>
            <dd>{teacher}</dd>
          </div>
        )}
        {verifier && (
          <div>
            <dt>{text("huatuo.verifier")}</dt>
            <dd>{verifier}</dd>
          </div>
        )}
      </dl>
      {isLabelRevealed && <p className="notice">{text("huatuo.revealed")}</p>}
      {attempts.map(({ steps, end }, attempt) => (
        <section
          // biome-ignore lint/suspicious/noArrayIndexKey: attempts stand in their order
          key={attempt}
          className="attempt-of-search"
          aria-label={text("huatuo.attempt", { number: attempt + 1 })}
        >
          <h3>
            {text("huatuo.attempt", { number: attempt + 1 })}{" "}
            <span className={`badge ${end === "accepted" ? "good" : "bad"}`}>{text(`huatuo.end.${end}`)}</span>
          </h3>
          <ol className="steps">
            {steps.map((step, place) => (
              <StepView
                // biome-ignore lint/suspicious/noArrayIndexKey: steps stand in their order
                key={place}
                step={step}
                opinion={opinions[`${attempt}.${place}`]}
                onJudge={(verdict) => onJudge(attempt, place, verdict)}
              />
            ))}
          </ol>
        </section>
      ))}
      {merged && (
        <section className="section">
          <h3>{text("huatuo.merged")}</h3>
          <div className="panel merged">
            <p className="merged-thinking">{merged.thinking}</p>
            <p>{merged.response}</p>
          </div>
        </section>
      )}
      {mergeReject && (
        <section className="section">
          <h3>{text("huatuo.notMerged", { label: mergeReject.label })}</h3>
          <CodeBlock title={mergeReject.stage}>{mergeReject.detail}</CodeBlock>
        </section>
      )}
    </>
  );
}
