import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Ago } from "../../ui/time.tsx";

/** Files that a command analysed already. */
export function AnalysedRuns({ onOpen }: { onOpen(run: string): void }) {
  const text = useText();
  const { reply } = useCall("overthinking.runs", {});
  if (!reply || reply.length === 0) return null;
  return (
    <section className="section">
      <h2>{text("overthinking.runs")}</h2>
      <ul className="choices">
        {reply.map(({ run, words, started, result }) => (
          <li key={run}>
            <button type="button" className="choice" onClick={() => onOpen(run)}>
              <span className="choice-name mono">{words}</span>
              <span className="choice-note">{result}</span>
              <span className="choice-note">
                <Ago time={started} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
