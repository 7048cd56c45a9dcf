/** One trace: its solutions coloured by what they were good for, and the same text to be cut by hand. */
import { useState } from "react";
import { formatNumber } from "../../../../src/core/format.ts";
import type { TracePiece, TraceView } from "../../../../src/server/studio/overthinking/contract.ts";
import { type Translate, useText } from "../../i18n/language.tsx";
import { Pieces } from "../../ui/report/pieces.tsx";
import { CutEditor } from "./cut-editor.tsx";

interface TraceDetailProps {
  trace: TraceView;
  onRecut(ends: number[] | null): Promise<void>;
}

export function TraceDetail({ trace, onRecut }: TraceDetailProps) {
  const text = useText();
  const [isCutting, setCutting] = useState(false);
  const { problem, expected, answer, outcome, process, pieces, closing, isRecut, flags } = trace;
  return (
    <article className="trace-detail">
      <p className="trace-question">{problem}</p>
      <dl className="run-facts">
        <Fact name={text("overthinking.expected")} value={expected ?? "–"} />
        <Fact name={text("overthinking.answered")} value={answer ?? "–"} />
        <Fact name={text("overthinking.outcome")} value={outcome === null ? "–" : showShare(outcome)} />
        <Fact name={text("overthinking.process")} value={process === null ? "–" : showBounds(process)} />
      </dl>
      {flags.length > 0 && <p className="section-note">{flags.join(", ")}</p>}
      <div className="toolbar">
        <button type="button" className="button" aria-pressed={isCutting} onClick={() => setCutting(!isCutting)}>
          {text(isCutting ? "overthinking.cut.end" : "overthinking.cut.begin")}
        </button>
        {isRecut && (
          <button type="button" className="button quiet" onClick={() => onRecut(null)}>
            {text("overthinking.cut.undo")}
          </button>
        )}
      </div>
      {isCutting ? (
        <CutEditor pieces={pieces} onCut={onRecut} />
      ) : (
        <Pieces
          pieces={[
            ...pieces.map((piece, index) => ({
              text: piece.text.trim(),
              tone: piece.tone,
              label: labelOf(piece, index, text),
            })),
            ...(closing.trim()
              ? [{ text: closing.trim(), tone: "dim" as const, label: text("overthinking.closing") }]
              : []),
          ]}
        />
      )}
    </article>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
      </dd>
    </div>
  );
}

const showShare = (share: number) => `${formatNumber(Math.round(1000 * share) / 10)} %`;
const showBounds = ([low, high]: [number, number]) =>
  low === high ? showShare(low) : `${showShare(low)} – ${showShare(high)}`;

export function labelOf(piece: TracePiece, index: number, text: Translate): string {
  const { correct, answer, isRepeat, tokenCount, strategy } = piece;
  return [
    text("overthinking.solution", { number: index + 1 }),
    text(correct === null ? "overthinking.unjudged" : correct ? "overthinking.right" : "overthinking.wrong"),
    ...(answer === null ? [] : [`= ${answer}`]),
    ...(isRepeat ? [text("overthinking.repeat")] : strategy === null ? [] : [text("overthinking.new")]),
    text("overthinking.tokenCount", { count: tokenCount }),
  ].join(" · ");
}
