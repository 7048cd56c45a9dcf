/** Tables and charts behind the rows of the claim. */
import type { ClaimTable } from "../../../core/claim.ts";
import { formatInterval, formatNumber } from "../../../core/format.ts";
import type { ReportSection } from "../../../core/report.ts";
import type { Interval } from "../../../core/statistics/index.ts";
import { calibrate, calibrationSections, showPercent } from "../verifier/calibrate.ts";
import type { ArmName, ArmResult } from "./arms.ts";
import { defectFigures } from "./factory.ts";
import type { Experiment } from "./measure.ts";
import type { Plan } from "./plan.ts";
import { accuracyOf, tokensOf } from "./rows.ts";

export function claimSections(experiment: Experiment, plan: Plan): ReportSection[] {
  const { arms, verifier } = experiment;
  return [
    armsTable(arms),
    armsChart(arms),
    rewardChart(arms),
    factoryTable(experiment),
    searchTable(experiment),
    ...calibrationSections(calibrate(verifier.trained)),
    {
      kind: "text",
      title: "What was varied",
      text:
        `Seeds vary the world, its questions, the model and the samples; the verifier is one for all. Each seed's model has ` +
        `${plan.sizes.layers} layers of ${plan.sizes.dim} and read ${formatNumber(plan.factTexts)} texts of facts before any arm began. ` +
        `The simple chain is the accepted line of thought without wrong turns and checks, so it is right wherever the ` +
        `complex one is; the paper's is the teacher's first chain, right or wrong. Direct answers stand in the same form, ` +
        `with nothing thought. The teacher is scripted: a program with the interface of a model.`,
    },
  ];
}

const sixArms: readonly ArmName[] = ["direct", "direct+ppo", "simple", "simple+ppo", "complex", "complex+ppo"];

/** The six arms by the oracle, narrow enough for a terminal. */
export function sixArmsTable({ arms }: Pick<Experiment, "arms">): ClaimTable {
  const rows = sixArms.flatMap((name) => {
    const results = arms.get(name);
    if (!results) return [];
    const hops = (wanted: 1 | 2) => showPercent(accuracyOf(results, (answer) => answer.hops === wanted));
    return [[name, showPercent(accuracyOf(results)), hops(1), hops(2)]];
  });
  return {
    title: "Held-out questions, judged by the world's oracle",
    columns: ["arm", "right", "one hop", "two hops"],
    rows,
  };
}

const show = (interval: Interval, digits = 1): string =>
  formatInterval(Number(interval.value.toFixed(digits)), [
    Number(interval.low.toFixed(digits)),
    Number(interval.high.toFixed(digits)),
  ]);

function armsTable(arms: Experiment["arms"]): ReportSection {
  const rows = [...arms].map(([name, results]) => {
    const alarms = results.flatMap(({ alarm }) => alarm ?? []);
    return [
      name,
      showPercent(accuracyOf(results)),
      showPercent(accuracyOf(results, ({ hops }) => hops === 1)),
      showPercent(accuracyOf(results, ({ hops }) => hops === 2)),
      showPercent(accuracyOf(results, ({ isTrap }) => isTrap)),
      show(tokensOf(results)),
      alarms.length > 0 ? `${alarms.length} × ${[...new Set(alarms)].join(", ")}` : "",
    ];
  });
  return {
    kind: "table",
    title: "Arms",
    note: "Held-out questions, greedy, judged by the world's oracle; 95 % intervals over questions and seeds. A trap is a question whose most frequent candidate is wrong.",
    columns: ["arm", "right", "one hop", "two hops", "traps", "tokens", "alarms"],
    rows,
  };
}

function armsChart(arms: Experiment["arms"]): ReportSection {
  const measured = sixArms.filter((name) => arms.has(name));
  const series = ([1, 2] as const).map((wanted) => {
    const figures = measured.map((name) => accuracyOf(arms.get(name)!, ({ hops }) => hops === wanted));
    return {
      label: wanted === 1 ? "one hop" : "two hops",
      values: figures.map(({ value }) => 100 * value),
      intervals: figures.map(({ low, high }): [number, number] => [100 * low, 100 * high]),
    };
  });
  return {
    kind: "chart",
    title: "The six arms",
    chart: { kind: "bar", x: { label: "arm" }, y: { label: "right, %" }, categories: measured, series },
  };
}

/** The verifier's reward while PPO goes on, mean over seeds. */
function rewardChart(arms: Experiment["arms"]): ReportSection {
  const trained = [...arms].filter(([, results]) => results.every(({ rewards }) => rewards.length > 0));
  return {
    kind: "chart",
    title: "Rewards of training",
    note: "Sampled answers; 1 for right, 0.1 for wrong, 0 without the form.",
    chart: {
      kind: "line",
      x: { label: "update" },
      y: { label: "mean reward" },
      series: trained.map(([label, results]) => ({ label, points: meanByUpdate(results) })),
    },
  };
}

function meanByUpdate(results: readonly ArmResult[]) {
  const shortest = Math.min(...results.map(({ rewards }) => rewards.length));
  return Array.from({ length: shortest }, (_, index) => ({
    x: index + 1,
    y: results.reduce((sum, { rewards }) => sum + rewards[index]!, 0) / results.length,
  }));
}

function factoryTable({ factory }: Experiment): ReportSection {
  const sound = factory.filter(({ defect }) => defect === null);
  const kept = sound.filter(({ label }) => label === null).length;
  return {
    kind: "table",
    title: "Planted defects in the factory",
    note:
      `${factory.length} questions, ${sound.length} of them sound; ${kept} of these became problems, the others the three weak answerers know already. ` +
      "Precision: of the rejects with the defect's label, those that have such a defect.",
    columns: ["defect", "planted", "rejected", "precision of its label"],
    rows: defectFigures(factory).map(({ defect, planted, recall, precision }) => [
      defect,
      planted,
      showPercent(recall),
      showPercent(precision),
    ]),
  };
}

function searchTable({ search }: Experiment): ReportSection {
  const totals = new Map<string, { tried: number; accepted: number }>();
  for (const { byType } of search) {
    for (const [type, { tried, accepted }] of Object.entries(byType)) {
      const known = totals.get(type) ?? { tried: 0, accepted: 0 };
      totals.set(type, { tried: known.tried + tried, accepted: known.accepted + accepted });
    }
  }
  const [problems, found] = (["problems", "found"] as const).map((name) =>
    search.reduce((sum, one) => sum + one[name], 0),
  );
  return {
    kind: "table",
    title: "The teacher's searches",
    note: `${found} of ${problems} problems found within three attempts of three refinements.`,
    columns: ["kind of reply", "judged", "accepted", "share, %"],
    rows: [...totals].map(([type, { tried, accepted }]) => [
      type,
      tried,
      accepted,
      ((100 * accepted) / Math.max(1, tried)).toFixed(1),
    ]),
  };
}
