import { formatNumber } from "../../../../src/core/format.ts";
import type { ProgramView } from "../../../../src/server/studio/certaindex/contract.ts";
import { useText } from "../../i18n/language.tsx";

/** Unit by unit: how the votes stood, what the answer was, what it had cost. */
export function StepTable({ steps, stopKnob }: { steps: ProgramView["steps"]; stopKnob: number | null }) {
  const text = useText();
  if (steps.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keyboard
    <div className="table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col" className="number">
              {text("certaindex.units")}
            </th>
            <th scope="col">{text("certaindex.answer")}</th>
            <th scope="col">{text("certaindex.votes")}</th>
            <th scope="col" className="number">
              {text("certaindex.certainty")}
            </th>
            <th scope="col" className="number">
              {text("certaindex.tokens")}
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.map(({ knob, answer, votes, signals, tokens, probeTokens }) => (
            <tr key={knob} data-after={stopKnob !== null && knob > stopKnob}>
              <td className="number">{knob}</td>
              <td className="mono">{answer ?? "–"}</td>
              <td>{votes ? <Votes votes={votes} /> : "–"}</td>
              <td className="number">{Object.values(signals).map(formatNumber).join(", ") || "–"}</td>
              <td className="number">{formatNumber(tokens + probeTokens)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Groups of equal answers, largest first. */
function Votes({ votes }: { votes: readonly number[] }) {
  return (
    <span className="votes" role="img" aria-label={votes.join(" : ")}>
      {votes.map((count, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: groups have no names
        <i key={index} style={{ "--votes": count } as React.CSSProperties}>
          {count}
        </i>
      ))}
    </span>
  );
}
