import { useText } from "../i18n/language.tsx";

export interface PagerProps {
  /** Of the first row shown. */
  offset: number;
  size: number;
  total: number;
  onOffset(offset: number): void;
}

/** Back and forth through a list that does not fit one page; nothing where it does. */
export function Pager({ offset, size, total, onOffset }: PagerProps) {
  const text = useText();
  if (total <= size) return null;
  return (
    <div className="toolbar">
      <button type="button" className="button" disabled={offset === 0} onClick={() => onOffset(offset - size)}>
        {text("page.previous")}
      </button>
      <button
        type="button"
        className="button"
        disabled={offset + size >= total}
        onClick={() => onOffset(offset + size)}
      >
        {text("page.next")}
      </button>
    </div>
  );
}
