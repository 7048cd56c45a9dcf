/**
 * Every command by name, with the line help shows. A command's module is imported only when it is asked for,
 * so that `polymath --help` does not load an engine. A test holds names and summaries to those of the modules.
 */
import type { Command } from "../core/command.ts";

export interface Entry {
  name: string;
  summary: string;
  group: "Start here" | "Make" | "Look";
  load(): Promise<Command<any, any>>;
}

export const registry: readonly Entry[] = [
  {
    name: "tour",
    summary: "See every system at work on this machine",
    group: "Start here",
    load: async () => (await withWorkers(() => import("./tour/command.ts"))).tourCommand,
  },
  {
    name: "ask",
    summary: "Ask a model a question, or chat with it, and watch it think",
    group: "Start here",
    load: async () => (await withWorkers(() => import("./ask/command.ts"))).askCommand,
  },
  {
    name: "serve",
    summary: "Serve models over HTTP, compatible with OpenAI's API",
    group: "Start here",
    load: async () => (await withWorkers(() => import("./serve/command.ts"))).serveCommand,
  },
  {
    name: "certaindex proxy",
    summary: "Serve any reasoning model through a proxy that stops it when its answer has settled",
    group: "Start here",
    load: async () => (await withWorkers(() => import("./certaindex-proxy/command.ts"))).certaindexProxyCommand,
  },
  {
    name: "certaindex solve",
    summary: "Solve a data set of questions for the fewest tokens, stopping each when its answer has settled",
    group: "Start here",
    load: async () => (await withWorkers(() => import("../systems/certaindex/command.ts"))).solveCommand,
  },
  {
    name: "studio",
    summary: "Look at runs, claims and every system in the browser",
    group: "Start here",
    load: async () => (await withWorkers(() => import("./studio/command.ts"))).studioCommand,
  },
  {
    name: "doctor",
    summary: "Show what this machine has, what that enables, and how to get the rest",
    group: "Start here",
    load: async () => (await import("./doctor/command.ts")).doctorCommand,
  },
  {
    name: "models",
    summary: "List the models that ship with Polymath",
    group: "Look",
    load: async () => (await import("./models.ts")).modelsCommand,
  },
  {
    name: "runs",
    summary: "List past runs: what ran, how it ended, where its report is",
    group: "Look",
    load: async () => (await import("./runs.ts")).runsCommand,
  },
  {
    name: "train reasoner",
    summary: "Train the embedded reasoner: a tiny model that adds, and overthinks it",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/overthinking/command.ts"))).trainReasonerCommand,
  },
  {
    name: "overthinking metrics",
    summary: "Measure how much of the reasoning in a file of responses served its answers",
    group: "Look",
    load: async () => (await import("../systems/overthinking/command.ts")).metricsCommand,
  },
  {
    name: "overthinking analyze",
    summary: "Cut, judge and cluster a file of responses by a model, save the result, and measure it",
    group: "Look",
    load: async () => (await withWorkers(() => import("../systems/overthinking/command.ts"))).analyzeCommand,
  },
  {
    name: "overthinking audit",
    summary: "Score the rules that cut and cluster reasoning, against true or hand-made cuts",
    group: "Look",
    load: async () => (await import("../systems/overthinking/command.ts")).auditCommand,
  },
  {
    name: "overthinking solve",
    summary: "Ask a reasoning model, and stop it as soon as two of its solutions agree",
    group: "Start here",
    load: async () => (await withWorkers(() => import("../systems/overthinking/command.ts"))).solveCommand,
  },
  {
    name: "overthinking pairs",
    summary: "Build preference pairs of short against long reasoning from sampled responses",
    group: "Make",
    load: async () => (await import("../systems/overthinking/command.ts")).pairsCommand,
  },
  {
    name: "overthinking train",
    summary: "Teach a model to answer with fewer tokens, from its own traces or from pairs of yours",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/overthinking/command.ts"))).overthinkingTrainCommand,
  },
  {
    name: "train chains",
    summary: "Train the model of digit chains, on which certaindex is tried",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/certaindex/command.ts"))).trainChainsCommand,
  },
  {
    name: "certaindex value",
    summary: "Say how settled a handful of answers is, as a number from 0 to 1",
    group: "Look",
    load: async () => (await import("../systems/certaindex/command.ts")).valueCommand,
  },
  {
    name: "certaindex calibrate",
    summary: "Find the policy that saves most and provably loses little, from runs to the cap with known answers",
    group: "Make",
    load: async () => (await import("../systems/certaindex/command.ts")).calibrateCommand,
  },
  {
    name: "certaindex replay",
    summary: "Say what any policy would have saved and lost on recorded runs, without a model",
    group: "Look",
    load: async () => (await import("../systems/certaindex/command.ts")).replayCommand,
  },
  {
    name: "certaindex bench",
    summary: "Put a Poisson load on a model and compare orders of serving it, with deadlines and fairness",
    group: "Look",
    load: async () => (await withWorkers(() => import("../systems/certaindex/command.ts"))).benchCommand,
  },
  {
    name: "train coder",
    summary: "Train the model of small Python programs, which codeelo rates",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/codeelo/command.ts"))).trainCoderCommand,
  },
  {
    name: "train clinic",
    summary: "Train the model of an invented clinic, which thinks, checks and corrects itself, and its verifier",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/huatuogpt-o1/command.ts"))).trainClinicCommand,
  },
  {
    name: "train marks",
    summary: "Train a generator of striped figures: a vision model, a tokenizer aligned to it, a diffusion transformer",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/lightningdit/command.ts"))).trainMarksCommand,
  },
  {
    name: "codeelo serve-judge",
    summary: "Serve the local judge to CodeElo's own client, in place of its submission service",
    group: "Start here",
    load: async () => (await import("./codeelo-serve-judge/command.ts")).serveJudgeCommand,
  },
  {
    name: "codeelo run",
    summary: "Let a model attempt problems, judge its programs, and rate it beside people",
    group: "Start here",
    load: async () => (await withWorkers(() => import("../systems/codeelo/command.ts"))).runCommand,
  },
  {
    name: "codeelo judge",
    summary: "Judge a program on a problem: sandboxed, by CPU time, with special checkers",
    group: "Look",
    load: async () => (await import("../systems/codeelo/command.ts")).judgeCommand,
  },
  {
    name: "codeelo self-test",
    summary: "Let forty programs try to break out of the sandbox, and say of each whether it was held",
    group: "Look",
    load: async () => (await import("../systems/codeelo/command.ts")).selfTestCommand,
  },
  {
    name: "codeelo problems",
    summary: "List the problem families, or write them as an archive with tests, checkers and known programs",
    group: "Make",
    load: async () => (await import("../systems/codeelo/command.ts")).problemsCommand,
  },
  {
    name: "codeelo stress",
    summary: "Hunt for a small input on which a program and a slow but right one disagree",
    group: "Look",
    load: async () => (await import("../systems/codeelo/command.ts")).stressCommand,
  },
  {
    name: "codeelo percentile",
    summary: "Say which share of rated people a rating is better than",
    group: "Look",
    load: async () => (await import("../systems/codeelo/command.ts")).percentileCommand,
  },
  {
    name: "codeelo rate",
    summary: "Solve a model's Elo rating from its judged contests",
    group: "Look",
    load: async () => (await import("../systems/codeelo/command.ts")).rateCommand,
  },
  {
    name: "codeelo compare",
    summary: "Compare two ratings contest by contest, if they were made under one protocol",
    group: "Look",
    load: async () => (await import("../systems/codeelo/command.ts")).compareCommand,
  },
  {
    name: "codeelo simulate",
    summary: "Rate bots of known skill in simulated contests: how far a rating is from the truth",
    group: "Look",
    load: async () => (await import("../systems/codeelo/command.ts")).simulateCommand,
  },
  {
    name: "huatuo build",
    summary: "Make a small model of a field's own from its exam questions, as one YAML file says",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/huatuogpt-o1/command.ts"))).buildCommand,
  },
  {
    name: "huatuo factory",
    summary: "Turn exam questions with keys into open problems with one checkable answer",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/huatuogpt-o1/command.ts"))).factoryCommand,
  },
  {
    name: "huatuo search",
    summary: "Let a model search for the answers of problems until a verifier finds them right",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/huatuogpt-o1/command.ts"))).searchCommand,
  },
  {
    name: "huatuo merge",
    summary: "Rewrite accepted chains as natural thinking with a reply, and check both",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/huatuogpt-o1/command.ts"))).mergeCommand,
  },
  {
    name: "huatuo rl",
    summary: "Train a model on a verifier's word: PPO, RLOO, GRPO or DPO from its own answers",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/huatuogpt-o1/command.ts"))).rlCommand,
  },
  {
    name: "huatuo rl-config",
    summary: "Write the published training on rewards, with its exact values, for TRL or verl",
    group: "Make",
    load: async () => (await import("../systems/huatuogpt-o1/command.ts")).rlConfigCommand,
  },
  {
    name: "huatuo sft",
    summary: "Train a model on verified reasoning: to think before it answers",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/huatuogpt-o1/command.ts"))).sftCommand,
  },
  {
    name: "huatuo eval",
    summary: "Evaluate a model on exam questions, with or without options, by one declared rule",
    group: "Look",
    load: async () => (await withWorkers(() => import("../systems/huatuogpt-o1/command.ts"))).evalCommand,
  },
  {
    name: "huatuo verifier train",
    summary: "Train a small verifier that knows a right answer by its other names",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/huatuogpt-o1/command.ts"))).verifierTrainCommand,
  },
  {
    name: "huatuo verifier calibrate",
    summary: "Sweep a verifier's threshold, and see whether its probabilities are what they say",
    group: "Look",
    load: async () => (await withWorkers(() => import("../systems/huatuogpt-o1/command.ts"))).verifierCalibrateCommand,
  },
  {
    name: "huatuo verifier audit",
    summary: "Write a sheet for people to judge answers on, or hold the verifier to one that is filled in",
    group: "Look",
    load: async () => (await withWorkers(() => import("../systems/huatuogpt-o1/command.ts"))).verifierAuditCommand,
  },
  {
    name: "huatuo export",
    summary: "Write problems or merged rows for TRL, for verl, or in the published form",
    group: "Make",
    load: async () => (await import("../systems/huatuogpt-o1/command.ts")).exportCommand,
  },
  {
    name: "huatuo prompts",
    summary: "Write the prompts as files, to be edited and given back with --prompts",
    group: "Make",
    load: async () => (await import("../systems/huatuogpt-o1/command.ts")).promptsCommand,
  },
  {
    name: "lightningdit features",
    summary: "Train a small vision model that tokenizers are aligned to, or that judges pictures",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/lightningdit/command.ts"))).featuresCommand,
  },
  {
    name: "lightningdit tokenizer train",
    summary: "Train a tokenizer, with or without alignment to a vision model",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/lightningdit/command.ts"))).tokenizerTrainCommand,
  },
  {
    name: "lightningdit tokenizer eval",
    summary: "Measure a tokenizer: PSNR, SSIM, rFID on a named judge, and whether its latents are fit to be generated",
    group: "Look",
    load: async () => (await withWorkers(() => import("../systems/lightningdit/command.ts"))).tokenizerEvalCommand,
  },
  {
    name: "lightningdit latents extract",
    summary: "Turn pictures into latents, plain and mirrored, in the official shards",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/lightningdit/command.ts"))).latentsExtractCommand,
  },
  {
    name: "lightningdit latents stats",
    summary: "Compute mean and deviation of each channel of a folder of latents, and refuse unfit ones",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/lightningdit/command.ts"))).latentsStatsCommand,
  },
  {
    name: "lightningdit dit train",
    summary: "Train a latent diffusion transformer, with pictures of its samples while it learns",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/lightningdit/command.ts"))).ditTrainCommand,
  },
  {
    name: "lightningdit dit sample",
    summary: "Draw pictures from a generator: any solver, any guidance",
    group: "Make",
    load: async () => (await withWorkers(() => import("../systems/lightningdit/command.ts"))).ditSampleCommand,
  },
  {
    name: "lightningdit evaluate",
    summary: "Measure a generator: gFID, sFID, IS, precision, recall, class agreement, and repeated training pictures",
    group: "Look",
    load: async () => (await withWorkers(() => import("../systems/lightningdit/command.ts"))).evaluateCommand,
  },
  {
    name: "lightningdit frontier",
    summary: "Measure the trade between reconstruction and generation over latent widths and alignment",
    group: "Look",
    load: async () => (await withWorkers(() => import("../systems/lightningdit/command.ts"))).frontierCommand,
  },
  {
    name: "lightningdit ablate",
    summary: "Take each part out of the generator's recipe in turn, and measure what it was worth",
    group: "Look",
    load: async () => (await withWorkers(() => import("../systems/lightningdit/command.ts"))).ablateCommand,
  },
  {
    name: "worker",
    summary: "Take part in the pipelines of a shared PostgreSQL, beside other machines",
    group: "Make",
    load: async () => (await withWorkers(() => import("./worker/command.ts"))).workerCommand,
  },
  {
    name: "claim",
    summary: "Run a paper's claim anew on this machine, and say whether it holds",
    group: "Look",
    load: async () => (await withWorkers(() => import("./claim.ts"))).claimCommand,
  },
  {
    name: "resume",
    summary: "Go on with a run that was stopped or killed",
    group: "Make",
    load: async () => (await import("./resume.ts")).resumeCommand,
  },
];

/** Words that only hold other commands. */
export const groups: Readonly<Record<string, string>> = {
  overthinking: "Measure and cure the overthinking of reasoning models",
  train: "Train the models that ship with Polymath",
  huatuo: "Turn exam questions into verified reasoning data, and models that learned from it",
  "huatuo verifier": "Train verifiers, and find out how far they can be trusted",
  codeelo: "Judge programs, and rate a model that writes them beside people",
  certaindex: "Serve reasoning with fewer tokens, at a stated risk",
  lightningdit: "Train image generators: a tokenizer aligned to a vision model, and a fast diffusion transformer",
  "lightningdit tokenizer": "Turn pictures into latents and back",
  "lightningdit latents": "Turn pictures into latents, as the official trainer reads them",
  "lightningdit dit": "Train a latent diffusion transformer, and draw from it",
};

/** The entry whose name begins the words typed; the longest name wins. */
export function findEntry(words: readonly string[], entries: readonly Entry[] = registry): Entry | undefined {
  return entries
    .filter(({ name }) => name.split(" ").every((word, index) => words[index] === word))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/** For commands that compute: jax-js uses all cores only when it finds workers while it is being loaded. */
async function withWorkers<Module>(load: () => Promise<Module>): Promise<Module> {
  await import("../compute/executors/worker-shim.ts");
  return load();
}
