import type { CallError } from "../api/client.ts";
import { useText } from "../i18n/language.tsx";

/** An error as the server put it: what failed, and what to do. */
export function Problem({ error }: { error: Pick<CallError, "message" | "hint" | "status"> }) {
  const text = useText();
  const isOffline = error.status === 0;
  return (
    <div className="problem" role="alert">
      <strong>{isOffline ? text("offline.title") : error.message}</strong>
      {(isOffline || error.hint) && <span>{isOffline ? text("offline.body") : error.hint}</span>}
    </div>
  );
}
