/** The latents of one tokenizer, examined before any generator is trained on them. */
import { useState } from "react";
import type { FrontierPoint } from "../../../../src/server/studio/lightningdit/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { markHealth } from "./health-marks.ts";
import { nameOfPoint } from "./point-names.ts";

type Examined = FrontierPoint & { health: NonNullable<FrontierPoint["health"]> };
const isExamined = (point: FrontierPoint): point is Examined => point.health !== null;

export function Health({ points }: { points: readonly FrontierPoint[] }) {
  const text = useText();
  const [folder, setFolder] = useState("");
  const examined = points.filter(isExamined);
  const chosen = examined.find((point) => point.folder === folder) ?? examined[0];
  if (!chosen) return <p className="soft">{text("lightningdit.noHealth")}</p>;
  const name = nameOfPoint(chosen, text);
  return (
    <>
      <label className="field">
        <span>{text("lightningdit.tokenizer")}</span>
        <select className="select" value={chosen.folder} onChange={({ target }) => setFolder(target.value)}>
          {examined.map((point) => (
            <option key={point.folder} value={point.folder}>
              {nameOfPoint(point, text)}
            </option>
          ))}
        </select>
      </label>
      <section className="section">
        <h2>{text("lightningdit.healthOf", { name })}</h2>
        <ul className="health panel">
          {markHealth(chosen.health).map(({ measure, value, isGood }) => (
            <li key={measure} className="health-row" data-measure={measure}>
              <strong>{text(`lightningdit.health.${measure}`)}</strong>
              <span className="health-value">{value ?? "–"}</span>
              <span className={`badge ${isGood === null ? "" : isGood ? "good" : "waste"}`}>
                {text(`lightningdit.health.${isGood === null ? "missing" : isGood ? "good" : "outside"}`)}
              </span>
              <p className="section-note">{text(`lightningdit.health.${measure}.line`)}</p>
            </li>
          ))}
        </ul>
        <p className="section-note">{text("lightningdit.healthNote")}</p>
      </section>
    </>
  );
}
