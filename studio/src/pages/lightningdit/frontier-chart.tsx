/** PSNR against gFID, a point for each tokenizer and seed: arms by colour and shape, widths written beside them. */
import type { KeyboardEvent } from "react";
import { formatNumber } from "../../../../src/core/format.ts";
import type { FrontierPoint } from "../../../../src/server/studio/lightningdit/contract.ts";
import { linearTicks, logTicks } from "../../charts/ticks.ts";
import { useWidth } from "../../charts/use-width.ts";
import { useText } from "../../i18n/language.tsx";
import { judgedGeneration, type MeasuredPoint, nameOfPoint } from "./point-names.ts";

export interface PointChoice {
  points: readonly MeasuredPoint[];
  chosen: string;
  onChoose(folder: string): void;
}

type Arm = FrontierPoint["arm"];

/** Around (0, 0), some 11 pixels across, so that arms are told apart without colours. */
const marks: Record<Arm, { path: string; color: string }> = {
  unaligned: { path: "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0z", color: "var(--c0)" },
  aligned: { path: "M-5 -5h10v10h-10z", color: "var(--c2)" },
  wrong: { path: "M0 -6.2l6.2 11.2h-12.4z", color: "var(--c1)" },
  cosine: { path: "M0 -7l7 7l-7 7l-7 -7z", color: "var(--c3)" },
  distances: { path: "M-2 -6h4v4h4v4h-4v4h-4v-4h-4v-4h4z", color: "var(--c4)" },
};

const margin = { left: 46, right: 40, top: 28, bottom: 42 };
const height = 330;

export function FrontierChart({ points, chosen, onChoose }: PointChoice) {
  const text = useText();
  const [box, width] = useWidth();
  const placed = points.map((point) => ({
    point,
    psnr: point.measurement.reconstruction.psnr,
    // 0 has no logarithm: such a distance stands at the bottom.
    fid: Math.max(judgedGeneration(point).fid, 1e-6),
  }));
  const [left, right] = spread(placed.map(({ psnr }) => psnr));
  const [low, high] = spread(placed.map(({ fid }) => Math.log10(fid)));
  const x = (psnr: number) => margin.left + ((psnr - left) / (right - left)) * (width - margin.left - margin.right);
  const y = (fid: number) =>
    height - margin.bottom - ((Math.log10(fid) - low) / (high - low)) * (height - margin.top - margin.bottom);
  const arms = (Object.keys(marks) as Arm[]).filter((arm) => points.some((point) => point.arm === arm));
  return (
    <div className="frontier-chart panel">
      <ul className="legend">
        {arms.map((arm) => (
          <li key={arm} className="arm">
            <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
              <path d={marks[arm].path} fill={marks[arm].color} />
            </svg>
            {text(`lightningdit.arm.${arm}`)}
          </li>
        ))}
      </ul>
      <div ref={box}>
        {width > 0 && (
          // biome-ignore lint/a11y/useSemanticElements: a drawing has no fieldset
          <svg width={width} height={height} role="group" aria-label={text("lightningdit.trade")}>
            <text x={0} y={12}>
              {text("lightningdit.gfid")}
            </text>
            {logTicks(10 ** low, 10 ** high).map((fid) => (
              <g key={fid}>
                <line className="grid" x1={margin.left} x2={width - margin.right} y1={y(fid)} y2={y(fid)} />
                <text x={margin.left - 8} y={y(fid) + 4} textAnchor="end">
                  {formatNumber(fid)}
                </text>
              </g>
            ))}
            {linearTicks(left, right, width > 400 ? 6 : 4).map((psnr) => (
              <text key={psnr} x={x(psnr)} y={height - margin.bottom + 18} textAnchor="middle">
                {formatNumber(psnr)}
              </text>
            ))}
            <text x={width - margin.right} y={height - 5} textAnchor="end">
              {text("lightningdit.psnr")}
            </text>
            {placed.map(({ point, psnr, fid }) => (
              // biome-ignore lint/a11y/useSemanticElements: there are no buttons inside of a drawing
              <g
                key={point.folder}
                className="point"
                role="button"
                tabIndex={0}
                aria-pressed={point.folder === chosen}
                aria-label={text("lightningdit.pointFigures", {
                  point: nameOfPoint(point, text),
                  psnr: formatNumber(psnr),
                  fid: formatNumber(judgedGeneration(point).fid),
                })}
                transform={`translate(${x(psnr)} ${y(fid)})`}
                onClick={() => onChoose(point.folder)}
                onKeyDown={(event) => onPress(event, () => onChoose(point.folder))}
              >
                <circle className="reach" r="13" />
                <path d={marks[point.arm].path} fill={marks[point.arm].color} />
                <text x={16} y={4}>
                  d{point.d}
                </text>
              </g>
            ))}
          </svg>
        )}
      </div>
    </div>
  );
}

function onPress(event: KeyboardEvent, act: () => void): void {
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault(); // the space bar would scroll
  act();
}

/** From the least to the greatest, with room at both ends. */
function spread(values: readonly number[]): [low: number, high: number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.12 * (high - low) || 0.2;
  return [low - room, high + room];
}
