import { formatNumber } from "../../../../src/core/format.ts";
import { useText } from "../../i18n/language.tsx";
import type { PointChoice } from "./frontier-chart.tsx";
import { judgedGeneration } from "./point-names.ts";

/** The same points as figures. */
export function FrontierTable({ points, chosen, onChoose }: PointChoice) {
  const text = useText();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keyboard
    <div className="table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{text("lightningdit.tokenizer")}</th>
            <th scope="col" className="number">
              {text("lightningdit.seedColumn")}
            </th>
            <th scope="col" className="number">
              PSNR
            </th>
            <th scope="col" className="number">
              rFID
            </th>
            <th scope="col" className="number">
              gFID
            </th>
            <th scope="col" className="number">
              {text("lightningdit.classColumn")}
            </th>
          </tr>
        </thead>
        <tbody>
          {points.map((point) => {
            const { reconstruction } = point.measurement;
            const { fid, classAgreement } = judgedGeneration(point);
            return (
              <tr key={point.folder} aria-current={point.folder === chosen ? "true" : undefined}>
                <th scope="row">
                  <button type="button" className="button quiet point-name" onClick={() => onChoose(point.folder)}>
                    d{point.d} {text(`lightningdit.arm.${point.arm}`)}
                  </button>
                </th>
                <td className="number">{point.seed}</td>
                <td className="number">{reconstruction.psnr.toFixed(2)}</td>
                <td className="number">{formatNumber(reconstruction.rfid)}</td>
                <td className="number">
                  <strong>{formatNumber(fid)}</strong>
                </td>
                <td className="number">
                  {classAgreement === undefined ? "–" : `${Math.round(100 * classAgreement)} %`}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
