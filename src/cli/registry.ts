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
    name: "resume",
    summary: "Go on with a run that was stopped or killed",
    group: "Make",
    load: async () => (await import("./resume.ts")).resumeCommand,
  },
];

/** First words that only hold other commands. */
export const groups: Readonly<Record<string, string>> = {
  train: "Train the models that ship with Polymath",
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
