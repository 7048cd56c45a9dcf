import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { VerdictBadge } from "./verdict-badge.tsx";

/** One attempt: what was asked, what the first failing test saw, and the program. */
export function AttemptView({ run, problem, attempt }: { run: string; problem: string; attempt: number }) {
  const text = useText();
  const state = useCall("codeelo.attempt", { run, problem, attempt }, { keep: true });
  return (
    <Answer state={state}>
      {({ attempt: made, title, statement }) => (
        <article className="section attempt">
          <h2>
            {title} <VerdictBadge verdict={made.verdict} accepted={made.accepted} />
          </h2>
          {made.reason && <p className="section-note">{made.reason}</p>}
          {made.failure && (
            <section className="section" aria-label={text("codeelo.firstFailing")}>
              <h3>
                {text("codeelo.firstFailing")} <span className="mono">{made.failedTest}</span>
              </h3>
              {made.failure.message && <p>{made.failure.message}</p>}
              <div className="test-case">
                <CodeBlock title={text("codeelo.input")}>{made.failure.input}</CodeBlock>
                <CodeBlock title={text("codeelo.expected")}>{made.failure.answer}</CodeBlock>
                <CodeBlock title={text("codeelo.output")}>{made.failure.output}</CodeBlock>
              </div>
            </section>
          )}
          {made.source === null ? (
            <p className="soft">{text("codeelo.noProgram")}</p>
          ) : (
            <CodeBlock title={`${text("codeelo.program")} · ${made.language ?? ""}`}>{made.source}</CodeBlock>
          )}
          {statement && (
            <details>
              <summary>{text("codeelo.statement")}</summary>
              <p className="statement">{statement}</p>
            </details>
          )}
        </article>
      )}
    </Answer>
  );
}
