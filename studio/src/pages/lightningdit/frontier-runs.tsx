/** Chooses a run that measured a frontier, and follows it while it goes on. */
import { type ReactNode, useState } from "react";
import type { FrontierRun, FrontierView } from "../../../../src/server/studio/lightningdit/contract.ts";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { Empty } from "../../ui/empty.tsx";

/** The view, and the run whose files it names. */
export type OpenedFrontier = FrontierView & { run: string };

export function FrontierRuns({ children }: { children: (view: OpenedFrontier) => ReactNode }) {
  const text = useText();
  const [key, setKey] = useState("");
  const state = useCall("lightningdit.frontiers", {}, { everyMs: 5000 });
  return (
    <Answer state={state}>
      {(runs) => {
        const chosen = runs.find(({ run }) => run === key) ?? runs.find(({ pointCount }) => pointCount > 0) ?? runs[0];
        if (!chosen) {
          return (
            <Empty title={text("lightningdit.noFrontier")}>
              <p>{text("lightningdit.noFrontierBody")}</p>
              <CommandLine>polymath lightningdit frontier --quick</CommandLine>
            </Empty>
          );
        }
        return (
          <>
            <div className="toolbar">
              <label className="field">
                <span>{text("lightningdit.run")}</span>
                <select className="select" value={chosen.run} onChange={({ target }) => setKey(target.value)}>
                  {runs.map(({ run, words, pointCount }) => (
                    <option key={run} value={run}>
                      {words} · {run} · {text("lightningdit.pointCount", { count: pointCount })}
                    </option>
                  ))}
                </select>
              </label>
              {chosen.status === "running" && <span className="badge live">{text("status.running")}</span>}
            </div>
            <Followed key={chosen.run} chosen={chosen}>
              {children}
            </Followed>
          </>
        );
      }}
    </Answer>
  );
}

function Followed({ chosen, children }: { chosen: FrontierRun; children: (view: OpenedFrontier) => ReactNode }) {
  const text = useText();
  const { run, status } = chosen;
  const state = useCall("lightningdit.frontier", { run }, { everyMs: status === "running" ? 3000 : 0 });
  return (
    <Answer state={state}>
      {(view) => (
        <>
          {view.unreadable.length > 0 && (
            <p className="notice">{text("lightningdit.unreadable", { names: view.unreadable.join(", ") })}</p>
          )}
          {children({ ...view, run })}
        </>
      )}
    </Answer>
  );
}
