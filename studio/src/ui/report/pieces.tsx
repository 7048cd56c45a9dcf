import type { Tone } from "../../../../src/core/report.ts";
import "./pieces.css";

export interface Piece {
  text: string;
  label?: string | undefined;
  tone?: Tone | undefined;
}

/** A model's text cut into pieces, coloured by what each was good for. */
export function Pieces({ pieces }: { pieces: readonly Piece[] }) {
  return (
    <ol className="pieces">
      {pieces.map(({ text, label, tone = "plain" }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces stand in the order of the text
        <li className={`piece ${tone}`} key={index}>
          {label && <span className="piece-label">{label}</span>}
          <span className="piece-text">{text}</span>
        </li>
      ))}
    </ol>
  );
}
