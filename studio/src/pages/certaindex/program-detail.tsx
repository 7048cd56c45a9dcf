/** One program: how settled its answer was after each unit, what its branches did, why it stopped, and the rows behind. */
import type { ProgramView } from "../../../../src/server/studio/certaindex/contract.ts";
import { useCall } from "../../api/use-call.ts";
import { CertaintyChart, type CertaintyLine } from "../../charts/certainty-chart.tsx";
import { type Translate, useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Branches } from "./branches.tsx";
import { StepTable } from "./step-table.tsx";

type SignalName = keyof ProgramView["signals"];

interface ProgramDetailProps {
  run: string;
  file: string;
  program: string;
  isRunning: boolean;
}

export function ProgramDetail({ run, file, program, isRunning }: ProgramDetailProps) {
  const state = useCall(
    "certaindex.program",
    { run, file, program },
    { everyMs: (view) => (isRunning && view?.reason === null ? 1200 : 0) },
  );
  return (
    <Answer state={state}>
      {(view) => (
        <article className="section program">
          <ProgramBody view={view} />
        </article>
      )}
    </Answer>
  );
}

function ProgramBody({ view }: { view: ProgramView }) {
  const text = useText();
  const { program, question, reason, stop, answer, correct, policyWords, isShadowed, steps, events } = view;
  const full = isShadowed ? steps.at(-1) : undefined;
  const lines = certaintyLines(view, text);
  return (
    <>
      <h2 className="mono program-name">{question ?? program}</h2>
      <p className="program-why" data-reason={reason ?? "thinking"}>
        {describeEnd(view, text)}
      </p>
      {policyWords && <p className="section-note">{policyWords}</p>}
      <dl className="run-facts">
        <div>
          <dt>{text("certaindex.answer")}</dt>
          <dd>
            <strong>{answer ?? "–"}</strong>{" "}
            {correct !== null && (
              <span className={`badge ${correct ? "good" : "bad"}`}>
                {text(correct ? "overthinking.right" : "overthinking.wrong")}
              </span>
            )}
          </dd>
        </div>
        {full && stop && (
          <div>
            <dt>{text("certaindex.fullRun")}</dt>
            <dd>
              <strong>{full.answer ?? "–"}</strong>{" "}
              <span className="soft small">
                {text("certaindex.fullCost", { units: full.knob, tokens: full.tokens.toLocaleString() })}
              </span>
            </dd>
          </div>
        )}
      </dl>
      {lines.length > 0 && (
        <section className="section">
          <h3>{text("certaindex.overTime")}</h3>
          <div className="panel">
            <CertaintyChart
              label={text("certaindex.overTime")}
              lines={lines}
              end={steps.at(-1)!.knob}
              unit={text("certaindex.units").toLowerCase()}
              stop={stop ? { x: stop.knob, label: text("certaindex.stopMark") } : undefined}
            />
          </div>
          <p className="section-note">{text("certaindex.disclaimer")}</p>
        </section>
      )}
      <section className="section">
        <h3>{text("certaindex.branches")}</h3>
        <Branches view={view} />
      </section>
      <StepTable steps={steps} stopKnob={stop?.knob ?? null} />
      <details>
        <summary>{text("certaindex.rows", { count: events.length })}</summary>
        <CodeBlock title="trace.jsonl">{events.map((event) => JSON.stringify(event)).join("\n")}</CodeBlock>
      </details>
    </>
  );
}

function describeEnd({ reason, stop, steps }: ProgramView, text: Translate): string {
  if (reason === null) return text("certaindex.stillThinking", { units: steps.at(-1)?.knob ?? 0 });
  return text("certaindex.stopped", { units: stop?.knob ?? 0, why: text(`certaindex.reason.${reason}`) });
}

/** Each signal over the units, with the threshold that the policy has for it. */
function certaintyLines({ steps, policy }: ProgramView, text: Translate): CertaintyLine[] {
  const names = [...new Set(steps.flatMap(({ signals }) => Object.keys(signals)))] as SignalName[];
  return names.map((name) => ({
    label: text(`certaindex.signal.${name}`),
    points: steps.flatMap(({ knob, signals }) => (signals[name] === undefined ? [] : [{ x: knob, y: signals[name] }])),
    threshold: policy?.thresholds[name],
  }));
}
