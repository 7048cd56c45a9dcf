/**
 * Stage A of the miniature: the factory's own stages on questions with planted defects, and how well they find them.
 * Source: spec section 6, stage A, and acceptance 2.
 */
import { clopperPearson, type Interval } from "../../../core/statistics/index.ts";
import { withOverrides } from "../prompts/prompts.ts";
import { checkRowStage } from "../stages/check-row.ts";
import { difficultyStage } from "../stages/difficulty.ts";
import { llmFilterStage } from "../stages/llm-filter.ts";
import { longEnoughStage } from "../stages/long-enough.ts";
import { reformatStage } from "../stages/reformat.ts";
import { rulesStage } from "../stages/rules.ts";
import type { Teacher } from "../teacher.ts";
import type { Clinic } from "../world/clinic.ts";
import { type Defect, defects, type PlannedRow } from "../world/mcq.ts";
import { clinicTeacher } from "../world/teacher.ts";
import { weakAnswerers } from "../world/weak.ts";
import { runThrough } from "./run-stages.ts";

export interface JudgedRow {
  defect: Defect | null;
  /** Null for a row that became a problem. */
  label: string | null;
  stage: string | null;
}

/** Each row's end in the factory, with the scripted teacher and the three weak answerers. */
export async function runFactory(
  clinic: Clinic,
  planned: readonly PlannedRow[],
  signal: AbortSignal,
): Promise<JudgedRow[]> {
  const prompts = withOverrides({});
  const teacher: Teacher = { endpoint: clinicTeacher(clinic), prompts, maxTokens: 256 };
  const weak = weakAnswerers(clinic).map((endpoint) => ({ ...teacher, endpoint }));
  const stages = [
    checkRowStage,
    longEnoughStage(15),
    rulesStage,
    difficultyStage(weak),
    llmFilterStage(teacher),
    reformatStage(teacher),
  ];
  const judged: JudgedRow[] = [];
  for (const [index, { row, defect }] of planned.entries()) {
    let item: unknown = { number: index + 1, row };
    let ended: JudgedRow = { defect, label: null, stage: null };
    for (const stage of stages) {
      const outcome = await runThrough([stage], item, { place: index, signal });
      if ("reject" in outcome) {
        ended = { defect, label: outcome.reject, stage: stage.name };
        break;
      }
      [item] = outcome.items;
    }
    judged.push(ended);
  }
  return judged;
}

export interface DefectFigures {
  defect: Defect;
  planted: number;
  /** Planted and rejected, of those planted; null for none. */
  recall: Interval | null;
  /** Planted so that the label is right, of all that have it; null for none. */
  precision: Interval | null;
}

/** The label that a defect ought to get. */
const labelOf: Record<Defect, string> = {
  "too-simple": "Too Simple",
  negated: "Not Reformulatable",
  "two-answers": "Ambiguous Answer",
  "needs-options": "Not Reformulatable",
};

export function defectFigures(judged: readonly JudgedRow[]): DefectFigures[] {
  return defects.map((defect) => {
    const planted = judged.filter((row) => row.defect === defect);
    const labelled = judged.filter(({ label }) => label === labelOf[defect]);
    const shared = defects.filter((other) => labelOf[other] === labelOf[defect]);
    const meant = labelled.filter((row) => row.defect !== null && shared.includes(row.defect));
    return {
      defect,
      planted: planted.length,
      recall: proportion(planted.filter(({ label }) => label !== null).length, planted.length),
      precision: proportion(meant.length, labelled.length),
    };
  });
}

const proportion = (part: number, whole: number) => (whole === 0 ? null : clopperPearson(part, whole));
