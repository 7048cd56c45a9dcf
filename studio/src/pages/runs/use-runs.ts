/** Rows of a list of any length: pages of the server's answer around what is on the screen, asked again while we look. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { RunRow, RunsPage, StatusOfRun } from "../../../../src/server/studio/runs/contract.ts";
import { type CallError, call } from "../../api/client.ts";

const pageSize = 100;
const everyMs = 2000;

export interface RunsState {
  /** Totals of the last answer. */
  page: RunsPage | undefined;
  error: CallError | undefined;
  row(index: number): RunRow | undefined;
  /** Tells what is on the screen, so that it is there and kept fresh. */
  show(first: number, last: number): void;
}

export function useRuns({ search, status }: { search: string; status: StatusOfRun | undefined }): RunsState {
  const [state, setState] = useState<{ page?: RunsPage; rows: ReadonlyMap<number, RunRow>; error?: CallError }>({
    rows: new Map(),
  });
  const shown = useRef({ first: 0, last: pageSize - 1 });
  const askNow = useRef(() => {});

  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isFirst = true;
    async function ask(): Promise<void> {
      clearTimeout(timer);
      timer = setTimeout(ask, everyMs);
      if (document.hidden) return;
      const [from, to] = [shown.current.first, shown.current.last].map((index) => Math.floor(index / pageSize));
      const offsets = Array.from({ length: to! - from! + 1 }, (_, i) => (from! + i) * pageSize);
      try {
        const query = { search, status, limit: pageSize };
        const pages = await Promise.all(
          offsets.map((offset) => call("runs.list", { ...query, offset }, controller.signal)),
        );
        if (controller.signal.aborted) return;
        const fresh = pages.flatMap(({ offset, rows }) => rows.map((row, i) => [offset + i, row] as const));
        const isNew = isFirst;
        isFirst = false;
        setState((old) => ({ page: pages[0]!, rows: new Map([...(isNew ? [] : old.rows), ...fresh]) }));
      } catch (error) {
        if (!controller.signal.aborted) setState((old) => ({ ...old, error: error as CallError }));
      }
    }
    askNow.current = () => void ask();
    shown.current = { first: 0, last: pageSize - 1 };
    void ask();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [search, status]);

  const rows = useRef(state.rows);
  rows.current = state.rows;
  const show = useCallback((first: number, last: number) => {
    shown.current = { first, last };
    if (!rows.current.has(first) || !rows.current.has(last)) askNow.current();
  }, []);
  return { page: state.page, error: state.error, row: (index) => state.rows.get(index), show };
}
