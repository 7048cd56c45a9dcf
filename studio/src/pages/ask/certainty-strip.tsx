/** How settled the answer was, solution by solution, over the tokens of the thinking. */
import { CertaintyChart } from "../../charts/certainty-chart.tsx";
import { useText } from "../../i18n/language.tsx";
import type { Turn } from "./use-conversation.ts";

export function CertaintyStrip({ turn: { certainty, settled, tokens } }: { turn: Turn }) {
  const text = useText();
  const newest = certainty.at(-1)!;
  return (
    <figure className="certainty panel">
      <figcaption>
        <span>
          {text("ask.certainty")} <strong>{newest.value.toFixed(2)}</strong>
        </span>
        <span className="soft">
          {text("ask.answersSoFar", { answers: certainty.map(({ answer }) => answer).join(", ") })}
        </span>
      </figcaption>
      <CertaintyChart
        label={text("ask.certaintyLabel", { value: newest.value.toFixed(2), count: certainty.length })}
        lines={[{ label: text("ask.certainty"), points: certainty.map(({ tokens: x, value: y }) => ({ x, y })) }]}
        end={tokens}
        unit={text("certaindex.tokens").toLowerCase()}
        stop={settled ? { x: settled.tokens, label: text("ask.settledHere", { answer: settled.answer }) } : undefined}
        height={120}
      />
    </figure>
  );
}
