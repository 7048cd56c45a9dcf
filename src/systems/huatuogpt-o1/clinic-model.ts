/**
 * The recipe of the model that ships: a policy of Clinic that has read the facts, learned whole searches and was trained
 * on its verifier's rewards, and the verifier beside it. Source: spec section 6, stages B to E.
 *
 * Everything is a function of the settings: killed anywhere and started again with the same folder of parts, it ends with
 * the same bytes.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { countParameters } from "../../compute/tree.ts";
import { writeFileAtomic, writeJsonAtomic } from "../../core/atomic.ts";
import { clopperPearson, type Interval } from "../../core/statistics/index.ts";
import { loadModel } from "../../language/hugging-face.ts";
import { runArms } from "./claim/measure.ts";
import { type Plan, planOf } from "./claim/plan.ts";
import { type PolicyContext, saveClinicModel } from "./claim/policy.ts";
import { figuresAt, showPercent } from "./verifier/calibrate.ts";
import { loadVerifier, saveVerifier } from "./verifier/folder.ts";
import { CHAT_TEMPLATE } from "./world/vocabulary.ts";

export interface ClinicEvaluation {
  seed: number;
  parameterCount: number;
  test: number;
  /** Held-out questions right before and after training on rewards, by the world's oracle. */
  taught: Interval;
  rewarded: Interval;
  twoHops: Interval;
  /** The verifier on held-out pairs. */
  verifier: Interval;
  alarm: string | null;
}

export interface ClinicModelContext extends PolicyContext {
  /** Where the Hugging Face folder goes; the verifier's is inside. */
  out: string;
}

/** @returns null when `signal` stopped it */
export async function trainClinicModel(
  seed: number,
  context: ClinicModelContext,
  sizes: Partial<Plan> = {},
): Promise<ClinicEvaluation | null> {
  const { dir, out } = context;
  // more problems than the claim's arms have: here nothing is compared
  const plan: Plan = { ...planOf("quick", seed), problems: 2000, epochs: 8, ...sizes };
  const experiment = await runArms(plan, () => ["complex", "complex+ppo"], context);
  if (!experiment) return null;
  const [taught] = experiment.arms.get("complex")!;
  const [rewarded] = experiment.arms.get("complex+ppo")!;
  const model = await loadModel(join(dir, `seed-${seed}`, "complex-ppo", "model"));
  const share = (answers: readonly { right: boolean }[]) =>
    clopperPearson(answers.filter(({ right }) => right).length, answers.length);
  const evaluation: ClinicEvaluation = {
    seed,
    parameterCount: countParameters(model.params),
    test: rewarded!.answers.length,
    taught: share(taught!.answers),
    rewarded: share(rewarded!.answers),
    twoHops: share(rewarded!.answers.filter(({ hops }) => hops === 2)),
    verifier: figuresAt(experiment.verifier.trained, 0.4).accuracy,
    alarm: rewarded!.alarm,
  };
  await mkdir(out, { recursive: true });
  await saveVerifier(join(out, "verifier"), await loadVerifier(join(dir, "verifier", "model")));
  await writeFileAtomic(join(out, "chat_template.jinja"), CHAT_TEMPLATE);
  await writeFileAtomic(join(out, "README.md"), modelCard(evaluation));
  await writeJsonAtomic(join(out, "evaluation.json"), evaluation);
  await saveClinicModel(out, model);
  return evaluation;
}

/** README.md of the model; figures come from the evaluation. */
function modelCard({ seed, parameterCount, test, taught, rewarded, twoHops, verifier }: ClinicEvaluation): string {
  return `---
license: apache-2.0
pipeline_tag: text-generation
---
# Polymath clinic: thinks, checks, and gives up what does not fit

A ${parameterCount.toLocaleString("en")}-parameter Llama-shaped decoder that answers questions about an invented clinic: 48 conditions, 40
findings, and what follows from them. None of it is medicine. It learned from the searches of a scripted teacher, wrong turns
included, and was then trained on the rewards of the verifier in \`verifier/\` (Chen et al. 2024, arXiv 2412.18925, in miniature).

\`\`\`sh
polymath ask --model clinic "A person comes to the clinic with fever, rash and tremor, but without cough. Which is the drug of the condition?"
\`\`\`

| ${test} held-out questions, greedy, judged by the world's oracle | right |
|---|---|
| after supervised training | ${showPercent(taught)} |
| after PPO | ${showPercent(rewarded)} |
| of these, over two hops | ${showPercent(twoHops)} |
| the verifier, on 1,000 held-out pairs | ${showPercent(verifier)} |

## Made by

\`\`\`sh
polymath train clinic --seed ${seed} --out models/clinic
\`\`\`
`;
}
