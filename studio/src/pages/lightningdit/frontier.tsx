/** What reconstruction costs in generation: every tokenizer and seed as a point, and the pictures behind it. */
import { useState } from "react";
import { useText } from "../../i18n/language.tsx";
import { FrontierChart } from "./frontier-chart.tsx";
import type { OpenedFrontier } from "./frontier-runs.tsx";
import { FrontierTable } from "./frontier-table.tsx";
import { isMeasured, nameOfPoint } from "./point-names.ts";
import { PointPictures } from "./point-pictures.tsx";

export function Frontier({ view: { run, points } }: { view: OpenedFrontier }) {
  const text = useText();
  const [folder, setFolder] = useState<string>();
  const measured = points.filter(isMeasured);
  const open = points.filter((point) => !isMeasured(point));
  const chosen = points.find((point) => point.folder === folder) ?? measured[0];
  if (!chosen) return <p className="soft">{text("lightningdit.noPoint")}</p>;
  const choice = { points: measured, chosen: chosen.folder, onChoose: setFolder };
  return (
    <>
      <div className="frontier">
        <section className="section">
          <h2>{text("lightningdit.trade")}</h2>
          <FrontierChart {...choice} />
          <p className="section-note">{text("lightningdit.chartHint")}</p>
        </section>
        <FrontierTable {...choice} />
      </div>
      {measured[0] && (
        <p className="section-note">
          {text("lightningdit.judgedBy", { judge: measured[0].measurement.reconstruction.judge })}
        </p>
      )}
      {open.length > 0 && (
        <p className="section-note">
          {text("lightningdit.underWay", { names: open.map((point) => nameOfPoint(point, text)).join("; ") })}
        </p>
      )}
      <PointPictures key={chosen.folder} run={run} point={chosen} />
    </>
  );
}
