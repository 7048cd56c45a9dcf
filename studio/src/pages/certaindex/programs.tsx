import { useState } from "react";
import { formatNumber } from "../../../../src/core/format.ts";
import type { ProgramRow } from "../../../../src/server/studio/certaindex/contract.ts";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { ProgramDetail } from "./program-detail.tsx";

interface ProgramsProps {
  run: string;
  file: string;
  isRunning: boolean;
}

/** The programs of a trace; those still thinking first. */
export function Programs({ run, file, isRunning }: ProgramsProps) {
  const text = useText();
  const [chosen, setChosen] = useState<string>();
  const state = useCall("certaindex.programs", { run, file }, { everyMs: isRunning ? 1500 : 0 });
  return (
    <Answer state={state}>
      {({ programs }) => {
        const shown = programs.find(({ program }) => program === chosen) ?? programs[0];
        if (!shown) return <p className="soft">{text("certaindex.noPrograms")}</p>;
        const sorted = programs.toSorted((a, b) => Number(a.reason !== null) - Number(b.reason !== null));
        return (
          <div className="side-by-side">
            <div className="section">
              <p className="section-note">{text("certaindex.programCount", { count: programs.length })}</p>
              <ul className="choices compact">
                {sorted.slice(0, 500).map((row) => (
                  <li key={row.program}>
                    <button
                      type="button"
                      className="choice"
                      aria-pressed={row.program === shown.program}
                      onClick={() => setChosen(row.program)}
                    >
                      <span className="choice-name mono">{row.question ?? row.program}</span>
                      <ProgramFacts row={row} />
                    </button>
                  </li>
                ))}
              </ul>
            </div>
            <ProgramDetail key={shown.program} run={run} file={file} program={shown.program} isRunning={isRunning} />
          </div>
        );
      }}
    </Answer>
  );
}

function ProgramFacts({ row }: { row: ProgramRow }) {
  const text = useText();
  const { reason, answer, correct, tokens } = row;
  const tone = reason === null ? "live" : correct === null ? "" : correct ? "good" : "bad";
  return (
    <span className={`badge ${tone}`}>
      {text(reason === null ? "certaindex.thinking" : `certaindex.reason.${reason}`)} · {answer ?? "–"} ·{" "}
      {formatNumber(tokens)}
    </span>
  );
}
