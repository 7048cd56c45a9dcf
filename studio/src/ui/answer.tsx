import type { ReactNode } from "react";
import type { CallState } from "../api/use-call.ts";
import { Loading } from "./loading.tsx";
import { Problem } from "./problem.tsx";

/** What a call answered: the content once it is there, with the problem above it when asking again failed. */
export function Answer<Reply>({ state, children }: { state: CallState<Reply>; children: (reply: Reply) => ReactNode }) {
  const { reply, error } = state;
  return (
    <>
      {error && <Problem error={error} />}
      {reply === undefined ? !error && <Loading /> : children(reply)}
    </>
  );
}
