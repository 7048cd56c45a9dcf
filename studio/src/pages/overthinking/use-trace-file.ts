/**
 * The file at hand: opened at the studio, measured as chosen, cut by hand. When the studio was started anew, the page
 * brings the file and its cuts again.
 */
import { useCallback, useRef, useState } from "react";
import type { OpenedFile, TraceView } from "../../../../src/server/studio/overthinking/contract.ts";
import { CallError, call } from "../../api/client.ts";

export interface Measuring {
  tokens: "reasoning" | "full";
  price?: number | undefined;
}

export type FileSource = { name: string; text?: string; run?: string };

export interface TraceFileState {
  opened: OpenedFile | undefined;
  error: CallError | undefined;
  isBusy: boolean;
  measuring: Measuring;
  setMeasuring(measuring: Measuring): void;
  open(source: FileSource): Promise<void>;
  readTrace(index: number): Promise<TraceView | undefined>;
  /** @param ends null takes the hand-made cuts back */
  recut(index: number, ends: number[] | null): Promise<TraceView | undefined>;
}

export function useTraceFile(): TraceFileState {
  const [opened, setOpened] = useState<OpenedFile>();
  const [error, setError] = useState<CallError>();
  const [isBusy, setBusy] = useState(false);
  const [measuring, setMeasuringState] = useState<Measuring>({ tokens: "reasoning" });
  const source = useRef<FileSource>(null);
  const cuts = useRef<Record<string, number[]>>({});
  const now = useRef({ opened, measuring });
  now.current = { opened, measuring };

  const reopen = useCallback(async (): Promise<OpenedFile> => {
    const found = await call("overthinking.open", { ...source.current!, cuts: cuts.current, ...now.current.measuring });
    now.current.opened = found;
    setOpened(found);
    return found;
  }, []);

  /** A call about the file, with what it needs done again after a restart; errors are shown, not thrown. */
  const ask = useCallback(
    async <Reply>(question: (file: string) => Promise<Reply>): Promise<Reply | undefined> => {
      try {
        setError(undefined);
        return await question(now.current.opened!.file);
      } catch (failure) {
        if (!(failure instanceof CallError)) throw failure;
        if (failure.code === "file_gone") return question((await reopen()).file);
        setError(failure);
        return undefined;
      }
    },
    [reopen],
  );

  const open = useCallback(
    async (given: FileSource) => {
      source.current = given;
      cuts.current = {};
      setBusy(true);
      setError(undefined);
      try {
        await reopen();
      } catch (failure) {
        setOpened(undefined);
        setError(failure as CallError);
      } finally {
        setBusy(false);
      }
    },
    [reopen],
  );

  const setMeasuring = useCallback(
    async (chosen: Measuring) => {
      setMeasuringState(chosen);
      now.current.measuring = chosen;
      const overview = await ask((file) => call("overthinking.overview", { file, ...chosen }));
      if (overview) setOpened((old) => old && { ...old, overview });
    },
    [ask],
  );

  const readTrace = useCallback(
    (index: number) => ask((file) => call("overthinking.trace", { file, index, ...now.current.measuring })),
    [ask],
  );

  const recut = useCallback(
    async (index: number, ends: number[] | null) => {
      const reply = await ask((file) => call("overthinking.recut", { file, index, ends, ...now.current.measuring }));
      if (!reply) return undefined;
      if (ends) cuts.current[index] = ends;
      else delete cuts.current[index];
      setOpened((old) => old && { ...old, overview: reply.overview });
      return reply.trace;
    },
    [ask],
  );

  return { opened, error, isBusy, measuring, setMeasuring, open, readTrace, recut };
}
