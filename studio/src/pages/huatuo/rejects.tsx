import { useState } from "react";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Pager } from "../../ui/pager.tsx";

const pageSize = 50;

/** Rows that a run left out, by stage and label, each with its reason. */
export function Rejects({ run }: { run: string }) {
  const text = useText();
  const [group, setGroup] = useState<{ stage: string; label: string }>();
  const [offset, setOffset] = useState(0);
  const state = useCall("huatuo.rejects", { run, offset, limit: pageSize, ...group }, { keep: true });
  return (
    <Answer state={state}>
      {({ groups, rows, total }) => {
        if (groups.length === 0) return <Empty title={text("huatuo.noRejects")} />;
        return (
          <div className="side-by-side">
            <ul className="choices compact">
              <li>
                <button type="button" className="choice" aria-pressed={!group} onClick={() => setGroup(undefined)}>
                  <span className="choice-name">{text("runs.all")}</span>
                  <span className="choice-note">{groups.reduce((sum, { count }) => sum + count, 0)}</span>
                </button>
              </li>
              {groups.map(({ stage, label, count }) => (
                <li key={`${stage} ${label}`}>
                  <button
                    type="button"
                    className="choice"
                    aria-pressed={group?.stage === stage && group.label === label}
                    onClick={() => {
                      setGroup({ stage, label });
                      setOffset(0);
                    }}
                  >
                    <span className="choice-name">{label}</span>
                    <span className="choice-note">
                      {stage} · {count}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
            <div>
              <ol className="rejects">
                {rows.map((row) => (
                  <li className="panel" key={`${row.row} ${row.stage}`}>
                    <p className="small soft">
                      {text("huatuo.row", { row: row.row })} · {row.stage} · <strong>{row.label}</strong>
                    </p>
                    <p>{row.question}</p>
                    <details>
                      <summary className="small">{text("huatuo.reason")}</summary>
                      <pre className="small">{row.detail}</pre>
                    </details>
                  </li>
                ))}
              </ol>
              <Pager offset={offset} size={pageSize} total={total} onOffset={setOffset} />
            </div>
          </div>
        );
      }}
    </Answer>
  );
}
