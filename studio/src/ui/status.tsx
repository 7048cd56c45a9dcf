import type { StatusOfRun } from "../../../src/server/studio/runs/contract.ts";
import { useText } from "../i18n/language.tsx";

const tones: Record<StatusOfRun, string> = {
  running: "live",
  finished: "good",
  failed: "bad",
  interrupted: "waste",
  damaged: "bad",
};

export function Status({ status }: { status: StatusOfRun }) {
  const text = useText();
  return <span className={`badge ${tones[status]}`}>{text(`status.${status}`)}</span>;
}
