/** The judge of the studio: opened when the first program is pasted, over the problems of the catalogue. */
import { UsageError } from "../../../core/errors.ts";
import {
  buildProblem,
  families,
  findLanguage,
  type Judge,
  type Judgement,
  LanguageId,
  type Level,
  openCommandJudge,
  type Problem,
} from "../../../systems/codeelo/index.ts";
import type { CatalogProblem } from "./contract.ts";

export interface JudgeBench {
  catalog(): CatalogProblem[];
  /** Those whose tools are on this machine. */
  languages(): Promise<LanguageId[]>;
  problem(name: string, level: Level): Promise<Problem>;
  judge(problem: Problem, language: LanguageId, source: string, signal: AbortSignal): Promise<Judgement>;
}

/** The same problem for everybody. */
const seed = 0;

export function createJudgeBench(): JudgeBench {
  let judge: Promise<Judge> | undefined;
  const opened = () => (judge ??= openCommandJudge({ cache: true }));
  const problems = new Map<string, Promise<Problem>>();
  return {
    catalog: () => families.map(({ name, title, tags }) => ({ name, title, tags })),
    async languages() {
      const found = await Promise.all(LanguageId.options.map(async (id) => ((await findLanguage(id)) ? [id] : [])));
      return found.flat();
    },
    problem(name, level) {
      const family = families.find((one) => one.name === name);
      if (!family) throw new UsageError(`The catalogue has no problem "${name}"`);
      const key = `${name}-${level}`;
      const known = problems.get(key);
      if (known) return known;
      const built = opened().then((open) => buildProblem(open, family, level, seed));
      built.catch(() => problems.delete(key)); // a judge that could not be opened may be mended
      problems.set(key, built);
      return built;
    },
    judge: async (problem, language, source, signal) =>
      (await opened()).judge(problem, { language, source, files: {} }, { signal, allTests: true }),
  };
}
