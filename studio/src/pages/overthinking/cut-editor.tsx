/** The pieces of a reasoning with handles: between two pieces to join them, inside one to cut it. */
import { Fragment, useState } from "react";
import type { TracePiece } from "../../../../src/server/studio/overthinking/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { splitPlaces } from "./split-places.ts";
import { labelOf } from "./trace-detail.tsx";

interface CutEditorProps {
  pieces: readonly TracePiece[];
  onCut(ends: number[]): Promise<void>;
}

export function CutEditor({ pieces, onCut }: CutEditorProps) {
  const text = useText();
  const [isBusy, setBusy] = useState(false);
  const ends = endsOf(pieces);
  const apply = async (changed: number[]) => {
    setBusy(true);
    await onCut(changed).finally(() => setBusy(false));
  };
  return (
    <ol className="pieces cut-editor" aria-busy={isBusy}>
      {pieces.map((piece, index) => {
        const start = index === 0 ? 0 : ends[index - 1]!;
        return (
          <Fragment key={start}>
            {index > 0 && (
              <li className="cut-between">
                <button
                  type="button"
                  className="cut join"
                  disabled={isBusy}
                  onClick={() => apply(ends.filter((end) => end !== start))}
                >
                  {text("overthinking.cut.join", { first: index, second: index + 1 })}
                </button>
              </li>
            )}
            <li className={`piece ${piece.tone}`}>
              <span className="piece-label">{labelOf(piece, index, text)}</span>
              <CuttableText
                piece={piece.text}
                isBusy={isBusy}
                onCut={(place) => apply([...ends, start + place].sort((a, b) => a - b))}
              />
            </li>
          </Fragment>
        );
      })}
    </ol>
  );
}

function CuttableText({ piece, isBusy, onCut }: { piece: string; isBusy: boolean; onCut(place: number): void }) {
  const text = useText();
  const places = splitPlaces(piece);
  const starts = [0, ...places];
  return (
    <span className="piece-text">
      {starts.map((start, index) => (
        <Fragment key={start}>
          {index > 0 && (
            <button
              type="button"
              className="cut split"
              disabled={isBusy}
              aria-label={text("overthinking.cut.here", { words: piece.slice(start, start + 40).trim() })}
              onClick={() => onCut(start)}
            >
              ✂
            </button>
          )}
          {piece.slice(start, places[index])}
        </Fragment>
      ))}
    </span>
  );
}

/** In characters of the reasoning. */
function endsOf(pieces: readonly TracePiece[]): number[] {
  let end = 0;
  return pieces.map(({ text }) => (end += text.length));
}
