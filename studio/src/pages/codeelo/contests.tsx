import type { BarChart } from "../../../../src/core/report.ts";
import { useCall } from "../../api/use-call.ts";
import { ReportFigure } from "../../charts/report-figure.tsx";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { Empty } from "../../ui/empty.tsx";
import { ReportTable } from "../../ui/report/report-table.tsx";

/** The ratings of one model, contest by contest, by the fair equation and by the published code. */
export function Contests({ run }: { run: string }) {
  const text = useText();
  const state = useCall("codeelo.rating", { run });
  return (
    <Answer state={state}>
      {({ rating }) => {
        if (!rating) return <Empty title={text("codeelo.unrated")}>{text("codeelo.unratedBody")}</Empty>;
        const { contests, skipped } = rating;
        const chart: BarChart = {
          kind: "bar",
          x: { label: text("codeelo.contest") },
          y: { label: text("codeelo.rating") },
          categories: contests.map(({ id }) => id),
          series: [
            { label: text("codeelo.fair"), values: contests.map((one) => one.rating) },
            { label: text("codeelo.published"), values: contests.map(({ repoRating }) => repoRating) },
          ],
        };
        return (
          <>
            <ReportFigure chart={chart} title={text("codeelo.tab.contests")} />
            <ReportTable
              columns={[
                text("codeelo.contest"),
                text("codeelo.people"),
                text("codeelo.solved"),
                text("codeelo.ahead"),
                text("codeelo.tied"),
                text("codeelo.fair"),
                text("codeelo.published"),
              ]}
              rows={contests.map((one) => [
                `${one.id} ${one.name}`,
                one.participants,
                `${one.solved} / ${one.problems}`,
                one.ahead,
                one.tied,
                Math.round(one.rating),
                Math.round(one.repoRating),
              ])}
            />
            {skipped.map(({ id, why }) => (
              <p className="section-note" key={id}>
                {text("codeelo.skipped", { contest: id, why })}
              </p>
            ))}
          </>
        );
      }}
    </Answer>
  );
}
