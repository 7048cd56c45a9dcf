/** Every attempt of a run: its verdict, the first test that failed, and the program. */
import { useDeferredValue, useState } from "react";
import type { AttemptRow } from "../../../../src/server/studio/codeelo/contract.ts";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { Pager } from "../../ui/pager.tsx";
import { AttemptView } from "./attempt-view.tsx";
import { VerdictBadge } from "./verdict-badge.tsx";

const pageSize = 50;

export function Failures({ run }: { run: string }) {
  const text = useText();
  const [verdict, setVerdict] = useState("");
  const [search, setSearch] = useState("");
  const [offset, setOffset] = useState(0);
  const [chosen, setChosen] = useState<AttemptRow>();
  const query = { run, offset, limit: pageSize, search: useDeferredValue(search), ...(verdict && { verdict }) };
  const state = useCall("codeelo.attempts", query, { keep: true });
  return (
    <Answer state={state}>
      {({ rows, total, verdicts }) => {
        const shown = chosen ?? rows.find(({ accepted }) => accepted !== true) ?? rows[0];
        return (
          <>
            <search className="toolbar">
              <label className="field">
                <span>{text("codeelo.verdict")}</span>
                <select
                  className="select"
                  value={verdict}
                  onChange={({ target }) => {
                    setVerdict(target.value);
                    setOffset(0);
                    setChosen(undefined);
                  }}
                >
                  <option value="">{text("runs.all")}</option>
                  {Object.entries(verdicts).map(([name, count]) => (
                    <option key={name} value={name}>
                      {name} ({count})
                    </option>
                  ))}
                </select>
              </label>
              <label className="field">
                <span>{text("runs.search")}</span>
                <input
                  className="input"
                  type="search"
                  value={search}
                  placeholder={text("codeelo.searchHint")}
                  onChange={({ target }) => {
                    setSearch(target.value);
                    setOffset(0);
                  }}
                />
              </label>
              <span className="soft small">{text("codeelo.attemptCount", { count: total })}</span>
            </search>
            <div className="side-by-side">
              <div className="section">
                <ul className="choices compact">
                  {rows.map((row) => {
                    const isShown = row === shown || (row.problem === shown?.problem && row.attempt === shown.attempt);
                    return (
                      <li key={`${row.problem}#${row.attempt}`}>
                        <button type="button" className="choice" aria-pressed={isShown} onClick={() => setChosen(row)}>
                          <span className="choice-name">
                            {row.title || row.problem} · {text("codeelo.attempt", { number: row.attempt + 1 })}
                          </span>
                          <VerdictBadge verdict={row.verdict} accepted={row.accepted} />
                        </button>
                      </li>
                    );
                  })}
                </ul>
                <Pager offset={offset} size={pageSize} total={total} onOffset={setOffset} />
              </div>
              {shown && <AttemptView run={run} problem={shown.problem} attempt={shown.attempt} />}
            </div>
          </>
        );
      }}
    </Answer>
  );
}
