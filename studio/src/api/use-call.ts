/** A call as a hook: asked when its input changes, and again every so often where the answer may change by itself. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { CallInput, CallName, CallReply } from "../../../src/server/studio/contract.ts";
import { type CallError, call } from "./client.ts";

export interface CallState<Reply> {
  /** The last answer; kept while it is asked again, also when that fails. */
  reply: Reply | undefined;
  /** Of the last try; undefined when it went well. */
  error: CallError | undefined;
  isLoading: boolean;
  /** Asks again now. */
  refresh(): void;
}

export interface UseCallOptions<Reply> {
  /** Asks again so long after each answer, while the page is visible; 0: not. */
  everyMs?: number | ((reply: Reply | undefined) => number);
  /** Keep the old answer while that to a new input is under way. */
  keep?: boolean;
  skip?: boolean;
}

export function useCall<Name extends CallName>(
  name: Name,
  input: CallInput<Name>,
  options: UseCallOptions<CallReply<Name>> = {},
): CallState<CallReply<Name>> {
  type State = Omit<CallState<CallReply<Name>>, "refresh"> & { key: string };
  const key = `${name} ${JSON.stringify(input)}`;
  const [round, setRound] = useState(0);
  const [state, setState] = useState<State>({ reply: undefined, error: undefined, isLoading: true, key });
  const latest = useRef({ input, options });
  latest.current = { input, options };
  const { skip = false, keep = false } = options;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the input, the round for a wish to ask again
  useEffect(() => {
    if (skip) return;
    const controller = new AbortController();
    const { signal } = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (ms: number) => {
      if (ms > 0 && !signal.aborted) timer = setTimeout(ask, ms);
    };
    async function ask(): Promise<void> {
      if (document.hidden) return again(1000);
      let reply: CallReply<Name> | undefined;
      try {
        reply = await call(name, latest.current.input, signal);
        if (!signal.aborted) setState({ reply, error: undefined, isLoading: false, key });
      } catch (error) {
        if (signal.aborted) return;
        const failure = error as CallError;
        setState((old) => ({ ...old, error: failure, isLoading: false, key }));
        if (failure.status === 0) return again(1500); // until the studio is back
      }
      const { everyMs = 0 } = latest.current.options;
      again(typeof everyMs === "function" ? everyMs(reply) : everyMs);
    }
    setState((old) =>
      old.key === key || keep
        ? { ...old, key, isLoading: true }
        : { ...old, key, reply: undefined, error: undefined, isLoading: true },
    );
    void ask();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [key, round, skip]);

  const refresh = useCallback(() => setRound((old) => old + 1), []);
  return { ...state, refresh };
}
