/** Any threshold on recorded runs: the curve of what it saves and may lose, and every stop that changed the answer. */
import { useDeferredValue, useState } from "react";
import { formatNumber } from "../../../../src/core/format.ts";
import type { XyChart } from "../../../../src/core/report.ts";
import type { PolicyView } from "../../../../src/server/studio/certaindex/contract.ts";
import { useCall } from "../../api/use-call.ts";
import { ReportFigure } from "../../charts/report-figure.tsx";
import { type Translate, useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { MetricCards } from "../../ui/report/metric-cards.tsx";
import { CalibratedPolicies } from "./calibrated-policies.tsx";
import { figuresOf } from "./outcome-figures.ts";

export function PolicyExplorer({ run, file }: { run: string; file: string }) {
  const text = useText();
  const [threshold, setThreshold] = useState(0.7);
  const [detectAt, setDetectAt] = useState<number>();
  const [signal, setSignal] = useState<PolicyView["signals"][number]>();
  const choice = useDeferredValue({ threshold, ...(detectAt && { detectAt }), ...(signal && { signal }) });
  const state = useCall("certaindex.policy", { run, file, ...choice }, { keep: true });
  return (
    <Answer state={state}>
      {(view) => (
        <>
          <div className="toolbar">
            <label className="field policy-threshold">
              <span>
                {text("certaindex.thresholdLabel")} <strong>{threshold.toFixed(2)}</strong>
              </span>
              <input
                type="range"
                min="0"
                max="1"
                step="0.05"
                value={threshold}
                onChange={({ target }) => setThreshold(target.valueAsNumber)}
              />
            </label>
            <label className="field">
              <span>{text("certaindex.detectAt")}</span>
              <input
                className="input"
                type="number"
                min="1"
                max={view.cap}
                value={detectAt ?? view.detectAt}
                onChange={({ target }) => setDetectAt(Math.min(view.cap, Math.max(1, target.valueAsNumber || 1)))}
              />
            </label>
            {view.signals.length > 1 && (
              <label className="field">
                <span>{text("certaindex.signalLabel")}</span>
                <select
                  className="select"
                  value={signal ?? view.signals[0]}
                  onChange={({ target }) => setSignal(target.value as PolicyView["signals"][number])}
                >
                  {view.signals.map((name) => (
                    <option key={name} value={name}>
                      {text(`certaindex.signal.${name}`)}
                    </option>
                  ))}
                </select>
              </label>
            )}
          </div>
          <p className="section-note">
            {view.policyWords} · {text("certaindex.recorded", { count: view.questionCount, model: view.model })}
          </p>
          <MetricCards metrics={figuresOf(view.chosen, text)} />
          <section className="section">
            <h2>{text("certaindex.curve")}</h2>
            <ReportFigure chart={curveChart(view, text)} title={text("certaindex.curve")} />
            <p className="section-note">{text("certaindex.curveNote")}</p>
          </section>
          <CalibratedPolicies view={view} />
          <FalseStops view={view} />
        </>
      )}
    </Answer>
  );
}

function curveChart({ curve, chosen }: PolicyView, text: Translate): XyChart {
  const points = curve.filter(({ saved }) => saved !== null);
  const at = (pick: (point: (typeof curve)[number]) => number | null) =>
    points.flatMap((point) => {
      const value = pick(point);
      return value === null ? [] : [{ x: point.threshold, y: 100 * value }];
    });
  return {
    kind: "line",
    x: { label: text("certaindex.thresholdLabel") },
    y: { label: "%" },
    series: [
      { label: text("certaindex.saved"), points: at(({ saved }) => saved) },
      {
        label: text("certaindex.lost"),
        points: at(({ losses, labelledCount }) => (labelledCount > 0 ? losses / labelledCount : null)),
      },
      { label: text("certaindex.boundLine"), points: at(({ bound }) => bound) },
      {
        label: text("certaindex.chosen"),
        points:
          chosen.saved === null
            ? []
            : [{ x: chosen.threshold, y: 100 * chosen.saved, label: formatNumber(Math.round(100 * chosen.saved)) }],
      },
    ],
  };
}

function FalseStops({ view: { changed } }: { view: PolicyView }) {
  const text = useText();
  const verdict = (correct: boolean | null) =>
    correct === null ? "" : text(correct ? "overthinking.right" : "overthinking.wrong");
  return (
    <section className="section">
      <h2>{text("certaindex.falseStops", { count: changed.length })}</h2>
      {changed.length === 0 ? (
        <p className="soft">{text("certaindex.noFalseStops")}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keyboard
        <div className="table" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{text("certaindex.question")}</th>
                <th scope="col">{text("certaindex.whenStopped")}</th>
                <th scope="col">{text("certaindex.fullRun")}</th>
                <th scope="col" className="number">
                  {text("certaindex.units")}
                </th>
                <th scope="col" className="number">
                  {text("certaindex.certainty")}
                </th>
                <th scope="col" className="number">
                  {text("certaindex.tokens")}
                </th>
              </tr>
            </thead>
            <tbody>
              {changed.map((stop) => (
                <tr key={stop.id}>
                  <th scope="row" className="mono">
                    {stop.id}
                    {stop.target !== null && <span className="soft"> = {stop.target}</span>}
                  </th>
                  <td>
                    {stop.answer ?? "–"} <span className="soft">{verdict(stop.correct)}</span>
                  </td>
                  <td>
                    {stop.fullAnswer ?? "–"} <span className="soft">{verdict(stop.fullCorrect)}</span>
                  </td>
                  <td className="number">{stop.knob}</td>
                  <td className="number">{stop.value === null ? "–" : formatNumber(stop.value)}</td>
                  <td className="number">
                    {formatNumber(stop.tokens)} / {formatNumber(stop.fullTokens)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
