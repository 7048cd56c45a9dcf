import { useDeferredValue, useState } from "react";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { AuditFigures } from "./audit-figures.tsx";
import { ProblemSearch } from "./problem-search.tsx";

/** The problems of a search; the chosen one with all that was tried. */
export function Searches({ run }: { run: string }) {
  const text = useText();
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState(0);
  const state = useCall("huatuo.problems", { run, search: useDeferredValue(search), limit: 200 }, { keep: true });
  return (
    <Answer state={state}>
      {({ rows, total, audit }) => (
        <>
          <AuditFigures audit={audit} />
          <div className="side-by-side">
            <div className="section">
              <label className="field">
                <span>{text("runs.search")}</span>
                <input
                  className="input"
                  type="search"
                  value={search}
                  onChange={({ target }) => setSearch(target.value)}
                />
              </label>
              <p className="section-note">{text("huatuo.problemCount", { count: total })}</p>
              <ul className="choices compact">
                {rows.map((row) => (
                  <li key={row.index}>
                    <button
                      type="button"
                      className="choice"
                      aria-pressed={row.index === chosen}
                      onClick={() => setChosen(row.index)}
                    >
                      <span className="choice-name">{row.question}</span>
                      <span className={`badge ${row.isFound ? "good" : "bad"}`}>
                        {text(row.isFound ? "huatuo.found" : "huatuo.notFound")} ·{" "}
                        {text("huatuo.stepCount", { count: row.stepCount })}
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
            </div>
            <ProblemSearch key={chosen} run={run} index={chosen} onJudged={state.refresh} />
          </div>
        </>
      )}
    </Answer>
  );
}
