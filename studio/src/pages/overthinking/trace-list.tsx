/** Traces of a file, most wasteful first or as they stand; of thousands, only those in sight are elements. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { formatNumber } from "../../../../src/core/format.ts";
import type { TraceRow } from "../../../../src/server/studio/overthinking/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { Segmented } from "../../ui/segmented.tsx";

interface TraceListProps {
  traces: readonly TraceRow[];
  chosen: number;
  onChoose(index: number): void;
}

type Order = "waste" | "file";

export function TraceList({ traces, chosen, onChoose }: TraceListProps) {
  const text = useText();
  const box = useRef<HTMLDivElement>(null);
  const [order, setOrder] = useState<Order>("waste");
  const sorted = useMemo(
    () => (order === "file" ? traces : traces.toSorted((a, b) => b.wastedTokenCount - a.wastedTokenCount)),
    [traces, order],
  );
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => box.current,
    estimateSize: () => 64,
    overscan: 10,
    useFlushSync: false,
  });
  return (
    <div className="trace-list">
      <Segmented<Order>
        label={text("overthinking.order")}
        value={order}
        onChange={setOrder}
        options={[
          { value: "waste", label: text("overthinking.order.waste") },
          { value: "file", label: text("overthinking.order.file") },
        ]}
      />
      <div className="trace-box" ref={box}>
        <ul style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = sorted[index]!;
            return (
              <li key={row.index} style={{ transform: `translateY(${start}px)` }}>
                <TraceButton row={row} isChosen={row.index === chosen} onChoose={() => onChoose(row.index)} />
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}

function TraceButton({ row, isChosen, onChoose }: { row: TraceRow; isChosen: boolean; onChoose(): void }) {
  const text = useText();
  const { problem, correct, solutionCount, tokenCount, wastedTokenCount, isRecut } = row;
  const wasted = tokenCount === 0 ? 0 : wastedTokenCount / tokenCount;
  const verdict = correct === null ? "unjudged" : correct ? "right" : "wrong";
  return (
    <button type="button" className="trace-row" aria-pressed={isChosen} onClick={onChoose}>
      <span className="trace-problem">{problem}</span>
      <span className="trace-facts">
        <span className={`badge ${{ right: "good", wrong: "bad", unjudged: "" }[verdict]}`}>
          {text(`overthinking.${verdict}`)}
        </span>
        <span>{text("overthinking.solutionCount", { count: solutionCount })}</span>
        <span>{text("overthinking.wasted", { percent: formatNumber(Math.round(1000 * wasted) / 10) })}</span>
        {isRecut && <span>{text("overthinking.recut")}</span>}
      </span>
    </button>
  );
}
