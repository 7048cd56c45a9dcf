/** The list itself: of ten thousand runs, only those on the screen are elements of the page. */
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { useText } from "../../i18n/language.tsx";
import { RunRowView } from "./run-row.tsx";
import type { RunsState } from "./use-runs.ts";

interface RunListProps {
  runs: RunsState;
  chosen: ReadonlySet<string>;
  onToggle(key: string): void;
}

export function RunList({ runs, chosen, onToggle }: RunListProps) {
  const text = useText();
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useEffect(() => setTop(list.current!.getBoundingClientRect().top + window.scrollY), []);
  const virtual = useWindowVirtualizer({
    count: runs.page!.total,
    estimateSize: () => 68,
    overscan: 8,
    scrollMargin: top,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  const { show } = runs;
  useEffect(() => show(first, last), [first, last, show]);

  return (
    <div className="runs-list">
      <div className="run-row runs-head" aria-hidden="true">
        <span />
        <span>{text("runs.column.run")}</span>
        <span>{text("runs.column.result")}</span>
        <span>{text("runs.column.started")}</span>
        <span>{text("runs.column.duration")}</span>
      </div>
      <ul ref={list} style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map(({ index, start, key }) => {
          const row = runs.row(index);
          return (
            <li
              key={key}
              data-index={index}
              ref={virtual.measureElement}
              aria-setsize={runs.page!.total}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start - top}px)` }}
            >
              {row ? (
                <RunRowView row={row} isChosen={chosen.has(row.key)} onToggle={() => onToggle(row.key)} />
              ) : (
                <div className="run-row run-row-empty" />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
