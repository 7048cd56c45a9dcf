/** One board for all claims: what was published, what was measured here, and how to measure it again. */
import { useState } from "react";
import type { ClaimEntry } from "../../../../src/server/studio/claims/contract.ts";
import { type CallError, call } from "../../api/client.ts";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { Page } from "../../ui/page.tsx";
import { Problem } from "../../ui/problem.tsx";
import { ProgressLine } from "../../ui/progress-line.tsx";
import { ClaimTable } from "./claim-table.tsx";
import { Verdict } from "./verdict.tsx";
import "./claims.css";

export default function ClaimsPage() {
  const text = useText();
  const state = useCall("claims.board", {}, { everyMs: 3000 });
  return (
    <Page title={text("claims.title")} lead={text("claims.lead")}>
      <Answer state={state}>
        {({ entries, canStart, hasKeptReports }) => (
          <>
            <p className="section-note">{text("claims.key")}</p>
            {!hasKeptReports && entries.some(({ measured }) => measured.length === 0) && (
              <p className="section-note">{text("claims.keptElsewhere")}</p>
            )}
            {entries.map((entry) => (
              <Claim key={entry.system} entry={entry} canStart={canStart} onStart={state.refresh} />
            ))}
          </>
        )}
      </Answer>
    </Page>
  );
}

function Claim({ entry, canStart, onStart }: { entry: ClaimEntry; canStart: boolean; onStart(): void }) {
  const text = useText();
  const { system, measured, running, keptReport } = entry;
  const [newest] = measured;
  return (
    <section className="section claim" aria-label={system}>
      <header className="claim-head">
        <h2>{system}</h2>
        {newest && <Verdict verdict={newest.claim.verdict} />}
        {canStart && !running && <StartButtons system={system} seed={newest?.claim.seeds[0] ?? 0} onStart={onStart} />}
      </header>
      {running && (
        <div className="panel">
          <span className="badge live">{text("claims.underWay")}</span>
          {running.progress && <ProgressLine progress={running.progress} />}
        </div>
      )}
      {measured.length === 0 && !running && (
        <div className="panel">
          <p>{text("claims.never")}</p>
          <p className="section-note">{text("claims.neverBody")}</p>
          <CommandLine>{`polymath claim ${system}`}</CommandLine>
          {keptReport && <p className="section-note">{text("claims.kept", { file: keptReport })}</p>}
        </div>
      )}
      {measured.map((one) => (
        <ClaimTable key={one.run} measured={one} />
      ))}
    </section>
  );
}

function StartButtons({ system, seed, onStart }: { system: string; seed: number; onStart(): void }) {
  const text = useText();
  const [error, setError] = useState<CallError>();
  const [command, setCommand] = useState<string>();
  const start = async (mode: "quick" | "full") => {
    try {
      const { commandLine } = await call("claims.start", { system, mode, seed });
      setCommand(commandLine);
      setError(undefined);
      setTimeout(onStart, 1500);
    } catch (failure) {
      setError(failure as CallError);
    }
  };
  return (
    <div className="claim-start">
      {command ? (
        <span className="soft small" role="status">
          {text("claims.started", { command })}
        </span>
      ) : (
        <>
          <button type="button" className="button" onClick={() => start("quick")}>
            {text("claims.run.quick")}
          </button>
          <button type="button" className="button" onClick={() => start("full")}>
            {text("claims.run.full")}
          </button>
        </>
      )}
      {error && <Problem error={error} />}
    </div>
  );
}
