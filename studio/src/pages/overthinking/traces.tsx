/** The traces of a file, and the one that is looked at. */
import { useEffect, useState } from "react";
import type { OpenedFile, TraceView } from "../../../../src/server/studio/overthinking/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { TraceDetail } from "./trace-detail.tsx";
import { TraceList } from "./trace-list.tsx";
import type { TraceFileState } from "./use-trace-file.ts";

export function Traces({ file, opened }: { file: TraceFileState; opened: OpenedFile }) {
  const text = useText();
  const { readTrace, recut, measuring } = file;
  const [chosen, setChosen] = useState(() => mostWasteful(opened));
  const [trace, setTrace] = useState<TraceView>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: another file or another measure gives other figures
  useEffect(() => {
    let isCurrent = true;
    void readTrace(chosen).then((found) => isCurrent && found && setTrace(found));
    return () => {
      isCurrent = false;
    };
  }, [chosen, readTrace, measuring.tokens, opened.file]);

  return (
    <section className="section">
      <h2>{text("overthinking.traces")}</h2>
      <div className="traces">
        <TraceList traces={opened.overview.traces} chosen={chosen} onChoose={setChosen} />
        {trace && (
          <TraceDetail
            key={trace.index}
            trace={trace}
            onRecut={async (ends) => {
              const found = await recut(trace.index, ends);
              if (found) setTrace(found);
            }}
          />
        )}
      </div>
    </section>
  );
}

const mostWasteful = ({ overview }: OpenedFile): number =>
  overview.traces.reduce((most, one) => (one.wastedTokenCount > most.wastedTokenCount ? one : most)).index;
