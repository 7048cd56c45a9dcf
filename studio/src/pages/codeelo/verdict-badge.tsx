import type { Attempt } from "../../../../src/systems/codeelo/index.ts";

/** A verdict in the platform's words. */
export function VerdictBadge({ verdict, accepted }: Pick<Attempt, "verdict" | "accepted">) {
  const tone = accepted === true ? "good" : accepted === false ? "bad" : "waste";
  const words = (verdict ?? (accepted === null ? "missing" : "no code")).toLowerCase().replaceAll("_", " ");
  return <span className={`badge ${tone}`}>{words === "ok" ? "accepted" : words}</span>;
}
