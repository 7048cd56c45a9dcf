/** Pipelines from their settings, with the endpoints they need: the same in the process that begins a run and in workers. */
import { basename } from "node:path";
import { ConfigError } from "../../../core/errors.ts";
import type { Endpoint, LedgerOptions } from "../../../endpoint/index.ts";
import { definePipeline, type Pipeline } from "../../../jobs/index.ts";
import { openEndpoint } from "../../../language/endpoint-options.ts";
import { checkMergedStage } from "../merge/check.ts";
import { checkSearchedStage } from "../merge/check-searched.ts";
import { naturalStage } from "../merge/natural.ts";
import { respondStage } from "../merge/respond.ts";
import { withOverrides } from "../prompts/prompts.ts";
import { questionField } from "../schemas.ts";
import { checkProblemStage, searchStage } from "../search/search-stage.ts";
import { checkStrategies, ownStrategies } from "../search/strategies.ts";
import { exactMatchVerifier, llmVerifier, type Verifier } from "../search/verifiers.ts";
import { checkRowStage } from "../stages/check-row.ts";
import { contaminationIndex, decontaminateStage, readEvaluationFiles } from "../stages/decontaminate.ts";
import { difficultyStage } from "../stages/difficulty.ts";
import { llmFilterStage } from "../stages/llm-filter.ts";
import { longEnoughStage } from "../stages/long-enough.ts";
import { reformatStage } from "../stages/reformat.ts";
import { rulesStage } from "../stages/rules.ts";
import type { Teacher } from "../teacher.ts";
import { loadVerifier } from "../verifier/folder.ts";
import { trainedVerifier } from "../verifier/trained.ts";
import { FactorySettings, MergeSettings, type ModelPlace, SearchSettings } from "./settings.ts";

export interface OpenedPipeline {
  pipeline: Pipeline;
  /** Gives back the endpoints. */
  close(): Promise<void>;
}

/** Opens a model whose calls are accounted for. */
export type OpenModel = (place: ModelPlace) => Promise<Endpoint>;

const makers = {
  "huatuo-factory": (settings: unknown, open: OpenModel) => makeFactory(FactorySettings.parse(settings), open),
  "huatuo-search": (settings: unknown, open: OpenModel) => makeSearch(SearchSettings.parse(settings), open),
  "huatuo-merge": (settings: unknown, open: OpenModel) => makeMerge(MergeSettings.parse(settings), open),
};

export type PipelineName = keyof typeof makers;

/**
 * @param account ledger, budget and cache of this process
 * @throws ConfigError for settings that cannot be used here; EndpointError when a model cannot be found
 */
export async function openPipeline(
  name: PipelineName,
  settings: unknown,
  account: LedgerOptions,
): Promise<OpenedPipeline> {
  const opened: Endpoint[] = [];
  const open: OpenModel = async (place) => {
    const endpoint = await openEndpoint(place, account);
    opened.push(endpoint);
    return endpoint;
  };
  const close = async () => void (await Promise.all(opened.map((endpoint) => endpoint.close())));
  try {
    return { pipeline: await makers[name](settings, open), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type CallSettings = Pick<FactorySettings, "teacher" | "prompts" | "maxTokens" | "timeoutMs" | "temperature">;

async function teacherOf({ teacher, prompts, ...rest }: CallSettings, open: OpenModel): Promise<Teacher> {
  const { maxTokens, timeoutMs, temperature } = rest;
  return { endpoint: await open(teacher), prompts: withOverrides(prompts), maxTokens, timeoutMs, temperature };
}

async function verifierOf(
  { verifier, judge }: Pick<SearchSettings, "verifier" | "judge">,
  teacher: Teacher,
  open: OpenModel,
): Promise<Verifier> {
  if (verifier === "exact") return exactMatchVerifier;
  if (verifier !== "llm") return trainedVerifier(await loadVerifier(verifier), basename(verifier));
  return llmVerifier(judge ? { ...teacher, endpoint: await open(judge) } : teacher);
}

async function makeFactory(settings: FactorySettings, open: OpenModel): Promise<Pipeline> {
  const { minWords, evaluationFiles, evaluationHash } = settings;
  const sources = await readEvaluationFiles(evaluationFiles);
  const index = contaminationIndex(sources);
  if (evaluationFiles.length > 0 && index.hash !== evaluationHash) {
    throw new ConfigError(`${evaluationFiles.join(", ")}: not what it was when the run began`, {
      hint: "Every process of a run must read the same evaluation files under the same path.",
    });
  }
  const teacher = await teacherOf(settings, open);
  const weak = await Promise.all(settings.weak.map(async (place) => ({ ...teacher, endpoint: await open(place) })));
  const clean = (name: string, field: string) =>
    evaluationFiles.length > 0 ? [decontaminateStage(name, field, index)] : [];
  // What costs nothing comes first: the stages are filters of one item, so their order changes no survivor.
  return definePipeline({
    name: "huatuo-factory",
    stages: [
      checkRowStage,
      longEnoughStage(minWords),
      rulesStage,
      ...clean("decontaminate", "question"),
      ...(weak.length > 0 ? [difficultyStage(weak)] : []),
      llmFilterStage(teacher),
      reformatStage(teacher),
      ...clean("decontaminate-again", questionField),
    ],
  });
}

async function makeSearch(settings: SearchSettings, open: OpenModel): Promise<Pipeline> {
  const { strategies, depth, attempts, revealLabel, seed } = settings;
  const teacher = await teacherOf(settings, open);
  if (strategies) checkStrategies(strategies, "strategies");
  return definePipeline({
    name: "huatuo-search",
    stages: [
      checkProblemStage,
      searchStage({
        teacher,
        verifier: await verifierOf(settings, teacher, open),
        strategies: strategies ?? ownStrategies(teacher.prompts),
        ...{ depth, attempts, revealLabel, seed },
      }),
    ],
  });
}

async function makeMerge(settings: MergeSettings, open: OpenModel): Promise<Pipeline> {
  const teacher = await teacherOf(settings, open);
  const { minShare, maxShare } = settings;
  return definePipeline({
    name: "huatuo-merge",
    stages: [
      checkSearchedStage,
      naturalStage(teacher),
      respondStage(teacher),
      checkMergedStage(await verifierOf(settings, teacher, open), { minShare, maxShare }),
    ],
  });
}
