/** The journal line by line: any length, of which the page holds what is on the screen. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import type { LogLine } from "../../../../src/server/studio/runs/contract.ts";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";

const pageSize = 200;

export function RunLogView({ run, isRunning }: { run: string; isRunning: boolean }) {
  const text = useText();
  const box = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(isRunning);
  const [total, setTotal] = useState(0);
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => box.current,
    estimateSize: () => 22.4,
    overscan: 20,
    useFlushSync: false,
  });
  const items = virtual.getVirtualItems();
  const middle = items[Math.floor(items.length / 2)]?.index ?? 0;
  const offset = Math.max(0, Math.round(middle / (pageSize / 2) - 1) * (pageSize / 2));
  const { reply } = useCall(
    "runs.log",
    { run, offset, limit: pageSize },
    { keep: true, everyMs: (page) => (isRunning || page?.isComplete === false ? 1500 : 0) },
  );
  useEffect(() => {
    if (reply) setTotal(reply.total);
  }, [reply]);
  useEffect(() => {
    if (isFollowing && total > 0) virtual.scrollToIndex(total - 1);
  }, [isFollowing, total, virtual]);

  const lines = new Map(reply?.lines.map((line) => [line.index, line]));
  return (
    <div className="section">
      <div className="toolbar">
        <span className="soft small">{text("run.events", { count: total.toLocaleString() })}</span>
        <label className="small">
          <input type="checkbox" checked={isFollowing} onChange={(event) => setFollowing(event.target.checked)} />{" "}
          {text("run.follow")}
        </label>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keyboard */}
      <div className="log" ref={box} tabIndex={0} role="log" aria-label={text("run.log")} aria-live="off">
        <ol style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => (
            <Line key={index} line={lines.get(index)} top={start} />
          ))}
        </ol>
      </div>
    </div>
  );
}

function Line({ line, top }: { line: LogLine | undefined; top: number }) {
  const isBad = line !== undefined && /fail|error|damaged/.test(line.type);
  return (
    <li style={{ transform: `translateY(${top}px)` }} data-tone={isBad ? "bad" : undefined}>
      {line && (
        <>
          <span className="time">{line.time.slice(11, 23)}</span>
          <span className="type">{line.type}</span>
          <span>{line.text}</span>
        </>
      )}
    </li>
  );
}
