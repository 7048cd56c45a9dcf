/** The stop of `systems/certaindex`: votes on questions that its model never saw, stopped once they are settled. */
import type { ReportSection } from "../../core/report.ts";
import { describePolicy, type PolicyTrial, tryPolicy } from "../../systems/certaindex/index.ts";
import { percent, type StopOptions, type StopResult } from "./stop.ts";

const questionCount = 60;
/** Of tokens; what the published rule must save to have done what it is for. */
const wantedSaving = 0.2;
/** In points of accuracy: what stopping may cost at most. */
const mostLost = 0.05;

/** The published rule on 60 held-out questions; every vote goes on after its stop, to see what that would have said. */
export async function visitCertaindex({ seed, progress, signal, say }: StopOptions): Promise<StopResult> {
  say("a tiny model works each question out up to 20 times and votes; once five agree, the rest is saved");
  const trial = await tryPolicy({ questionCount, seed, progress, signal });
  const { summary } = trial;
  const [saved, stopped, full] = [summary.saved ?? 0, summary.accuracy!.value, summary.fullAccuracy!.value];
  return {
    did: `stopped ${summary.stoppedEarly} of ${questionCount} votes early`,
    figures: [
      { label: "tokens saved", measured: percent(saved), published: "9 to 52 %" },
      { label: "right, stopped early", measured: percent(stopped), published: null },
      { label: "right, votes to the end", measured: percent(full), published: "no loss" },
    ],
    passed: saved >= wantedSaving && full - stopped <= mostLost,
    sections: sectionsOf(trial),
  };
}

const kinds = { clean: "it is sure and right", noisy: "it wavers", broken: "it is sure and wrong" } as const;

function sectionsOf({ policy, summary, byClass }: PolicyTrial): ReportSection[] {
  const met = byClass.filter((one) => one.summary.questionCount > 0);
  const perQuestion = (tokens: number, count: number) => Math.round(tokens / count);
  return [
    {
      kind: "chart",
      title: "Certaindex: tokens per question, stopped and to the end",
      note: `${describePolicy(policy)} Questions of which the model is sure cost a quarter; a settled answer may be a wrong one.`,
      chart: {
        kind: "bar",
        x: { label: "questions of which" },
        y: { label: "tokens" },
        categories: met.map(({ name }) => kinds[name]),
        series: [
          {
            label: "stopped early",
            values: met.map((one) =>
              perQuestion(one.summary.tokens + one.summary.probeTokens, one.summary.questionCount),
            ),
          },
          {
            label: "to the end",
            values: met.map((one) => perQuestion(one.summary.fullTokens, one.summary.questionCount)),
          },
        ],
      },
    },
    {
      kind: "metrics",
      title: "Certaindex: what stopping cost",
      metrics: [
        { label: "right in full, wrong when stopped", value: summary.falseStops, unit: "questions" },
        { label: "wrong in full, right when stopped", value: summary.avoidedOverthinking, unit: "questions" },
        { label: "tokens of all votes to the end", value: summary.fullTokens },
      ],
    },
  ];
}
