import type { Verdict as VerdictName } from "../../../../src/core/claim.ts";
import { useText } from "../../i18n/language.tsx";

const tones: Record<VerdictName, string> = { reproduced: "good", "not reproduced": "bad", inconclusive: "waste" };

export function Verdict({ verdict }: { verdict: VerdictName }) {
  const text = useText();
  return <span className={`badge ${tones[verdict]}`}>{text(`claims.verdict.${verdict}`)}</span>;
}
