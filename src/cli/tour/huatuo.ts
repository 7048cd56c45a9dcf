/** The stop of `systems/huatuogpt-o1`: exam questions become verified reasoning, and a model that learned from it answers. */
import type { ReportSection } from "../../core/report.ts";
import { type ClinicTrial, type EngineTrial, tryClinic, tryEngine } from "../../systems/huatuogpt-o1/index.ts";
import { type Figure, percent, type StopOptions, type StopResult } from "./stop.ts";

const exam = { questionCount: 600, problemCount: 200 };
const clinic = { questionCount: 60, pairCount: 300 };
/** Share of the planted defects. */
const wantedCaught = 0.9;
/** Share of unseen questions, and of held-out pairs: far above chance, which is 1 in 12 and 1 in 2. */
const wantedRight = 0.3;
const wantedVerified = 0.8;

/** The whole data engine on questions of known truth, then the policy and the verifier where they ship. */
export async function visitHuatuo(options: StopOptions): Promise<StopResult> {
  const { seed, say } = options;
  say(
    "exam questions of an invented clinic become problems; a scripted teacher searches, a verifier says when to stop",
  );
  const engine = await tryEngine({ ...exam, seed }, options);
  const trained = await tryClinic({ ...clinic, seed }, options);
  if (trained) say(`the model that learned this way, on ${clinic.questionCount} questions it never saw`);
  const { search } = engine;
  const refined = search.byDepth.slice(1).reduce((sum, count) => sum + count, 0);
  const figures: Figure[] = [
    { label: "questions kept as problems", measured: percent(engine.kept / engine.questions), published: "21 %" },
    { label: "planted defects caught", measured: percent(engine.caught / engine.planted), published: null },
    { label: "searches that succeeded", measured: percent(search.found / search.problems), published: null },
    { label: "of these, by second thoughts", measured: percent(refined / search.found), published: null },
    { label: "rows with the true answer", measured: percent(engine.rightRows / engine.rows), published: null },
    ...(trained ? modelFigures(trained) : []),
  ];
  const isModelWell = !trained || (trained.right.value >= wantedRight && trained.verifier.value >= wantedVerified);
  return {
    did: `made ${engine.rows} rows of verified reasoning${trained ? "; its model was examined" : ""}`,
    figures,
    passed: engine.caught / engine.planted >= wantedCaught && engine.rightRows === engine.rows && isModelWell,
    sections: [searchChart(engine), ...(trained ? [answersOf(trained)] : [])],
  };
}

function modelFigures({ right, verifier }: ClinicTrial): Figure[] {
  return [
    { label: "right on unseen questions", measured: percent(right.value), published: "72.6 % (8B, MedQA)" },
    { label: "verifier agrees with truth", measured: percent(verifier.value), published: "94 and 91 %" },
  ];
}

function searchChart({ search }: EngineTrial): ReportSection {
  return {
    kind: "chart",
    title: "HuatuoGPT-o1: refinements until the verifier accepts",
    note: `${search.found} of ${search.problems} searches ended with an accepted answer; each has three attempts of up to three refinements.`,
    chart: {
      kind: "bar",
      x: { label: "refinements" },
      y: { label: "searches" },
      categories: search.byDepth.map((_, depth) => String(depth)),
      series: [{ label: "accepted", values: [...search.byDepth] }],
    },
  };
}

function answersOf({ questions, answers }: ClinicTrial): ReportSection {
  return {
    kind: "table",
    title: "HuatuoGPT-o1: the first of the unseen questions",
    note: "Invented conditions; none of this is medicine.",
    columns: ["question", "answer", "right"],
    rows: questions.slice(0, 6).map(({ text }, index) => [text, answers[index]!.response, answers[index]!.right]),
  };
}
