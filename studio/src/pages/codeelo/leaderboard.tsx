import { Link } from "wouter";
import { formatNumber } from "../../../../src/core/format.ts";
import type { ModelRun } from "../../../../src/server/studio/codeelo/contract.ts";
import { useText } from "../../i18n/language.tsx";
import { Figure } from "../../ui/figure.tsx";
import { RatingScale } from "./rating-scale.tsx";

/** Intervals of few contests reach far past this: they are drawn to the edge. */
const margin = 400;

/** Models by rating; those without standings by the share of problems they solve. */
export function Leaderboard({ runs }: { runs: readonly ModelRun[] }) {
  const text = useText();
  const ratings = runs.flatMap(({ rating }) => (rating ? [rating.mean.value] : []));
  const range: [number, number] = [Math.min(...ratings) - margin, Math.max(...ratings) + margin];
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keyboard */}
      <div className="table" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{text("codeelo.model")}</th>
              <th scope="col">{text("codeelo.rating")}</th>
              <th scope="col">{text("codeelo.scale")}</th>
              <th scope="col" className="number">
                {text("codeelo.percentile")}
              </th>
              <th scope="col">pass@1</th>
              <th scope="col" className="number">
                {text("codeelo.attempts")}
              </th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr key={run.run}>
                <th scope="row">
                  {run.model}{" "}
                  <Link href={`/runs/${run.run}`} className="small">
                    {run.run}
                  </Link>
                  {run.isRunning && <span className="badge live"> {text("status.running")}</span>}
                  {run.differsIn.length > 0 && (
                    <p className="section-note">{text("codeelo.differs", { fields: run.differsIn.join(", ") })}</p>
                  )}
                </th>
                <td>
                  <Figure interval={run.rating?.mean ?? null} />
                  {run.rating && (
                    <p className="section-note">{text("codeelo.contestCount", { count: run.rating.contestCount })}</p>
                  )}
                </td>
                <td>{run.rating && <RatingScale interval={run.rating.mean} range={range} />}</td>
                <td className="number">{run.rating ? `${formatNumber(run.rating.percentile)} %` : "–"}</td>
                <td>
                  <Figure interval={run.pass1} scale={100} unit=" %" />
                </td>
                <td className="number">
                  {run.attemptCount} / {run.problemCount}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="section-note">{text("codeelo.boardNote")}</p>
    </>
  );
}
