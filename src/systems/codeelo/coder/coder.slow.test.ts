/** Trains for real, with sizes of seconds: POLYMATH_SLOW=1 vitest run src/systems/codeelo/coder */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { createLog } from "../../../core/log.ts";
import { createProgress } from "../../../core/progress.ts";
import { loadModel } from "../../../language/hugging-face.ts";
import { openJudge } from "../judge/judge.ts";
import { findLanguage } from "../judge/languages.ts";
import { runContests } from "./experiment.ts";
import { CoderEvaluation, QUICK_SETTINGS } from "./settings.ts";
import { type CoderContext, fitCoder, stageFolder, trainCoder } from "./train.ts";

const silent = { write: () => true };
const settings = { ...QUICK_SETTINGS, steps: 40, judged: 1 };

async function context(): Promise<CoderContext & { folder: string; stagesDir: string }> {
  const folder = await mkdtemp(join(tmpdir(), "coder-"));
  return {
    log: createLog({ stream: silent }),
    progress: (options) => createProgress({ ...options, stream: silent }),
    signal: new AbortController().signal,
    checkpointDir: join(folder, "checkpoints"),
    checkpointEvery: 15,
    stagesDir: join(folder, "stages"),
    folder,
  };
}

const hashOf = async (stagesDir: string, share: number) =>
  createHash("sha256")
    .update(await readFile(join(stageFolder(stagesDir, share), "model.safetensors")))
    .digest("hex");

suite("fitCoder", () => {
  test("stopped and gone on with, ends with the same bytes, at every stage", async () => {
    const whole = await context();
    await fitCoder(settings, whole);
    const parts = await context();
    for (const stopAfter of [7, 25, 40]) {
      const controller = new AbortController();
      await fitCoder(settings, {
        ...parts,
        signal: controller.signal,
        progress: () => ({ update: (done) => void (done === stopAfter && done < 40 && controller.abort()), stop() {} }),
      });
    }
    for (const share of [0.1, 0.3, 1]) {
      expect(await hashOf(parts.stagesDir, share)).toBe(await hashOf(whole.stagesDir, share));
    }
  });
});

const hasPython = (await findLanguage("python")) !== undefined;
suite.skipIf(!hasPython)("with the judge (needs python3)", () => {
  test("trainCoder learns, is judged, and writes a folder that loads", async () => {
    const losses: number[] = [];
    const here = { ...(await context()), metric: (_: string, __: number, loss: number) => void losses.push(loss) };
    const out = join(here.folder, "out");
    const evaluation = await trainCoder(settings, { ...here, judge: await openJudge(), out });
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.3);
    expect(CoderEvaluation.parse(evaluation)).toEqual(evaluation);
    expect((await readdir(out)).sort()).toEqual([
      "README.md",
      "chat_template.jinja",
      "config.json",
      "evaluation.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect((await loadModel(out)).parameterCount).toBe(evaluation!.parameterCount);
  });

  test("two contests from an empty folder: every reference is accepted, four entrants are rated", async () => {
    const here = await context();
    const judge = await openJudge({ cacheFolder: join(here.folder, "judge") });
    const result = await runContests({ ...here, settings, contestCount: 2, judge });
    expect(result.rejectedReferences).toBe(0);
    expect(result.entrants.map(({ rating }) => rating.contests.length)).toEqual([2, 2, 2, 2]);
    expect(await runContests({ ...here, settings, contestCount: 2, judge })).toEqual(result); // nothing is made twice
  });
});
