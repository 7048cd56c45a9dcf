/** Trains for real, with sizes of seconds: POLYMATH_SLOW=1 vitest run src/systems/certaindex */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { createLog } from "../../core/log.ts";
import { createProgress } from "../../core/progress.ts";
import { loadModel } from "../../language/hugging-face.ts";
import { ChainsEvaluation, QUICK_SETTINGS } from "./chains/settings.ts";
import { type ChainsContext, trainChains } from "./chains.ts";

const silent = { write: () => true };
const settings = { ...QUICK_SETTINGS, dim: 32, layers: 2, lessons: 600, steps: 60, batch: 4, judged: 2 };

async function context(): Promise<ChainsContext> {
  const folder = await mkdtemp(join(tmpdir(), "chains-"));
  return {
    log: createLog({ stream: silent }),
    progress: (options) => createProgress({ ...options, stream: silent }),
    signal: new AbortController().signal,
    checkpointDir: join(folder, "checkpoints"),
    checkpointEvery: 20,
    out: join(folder, "out"),
  };
}

const hashOf = async (out: string) =>
  createHash("sha256")
    .update(await readFile(join(out, "model.safetensors")))
    .digest("hex");

suite("trainChains", () => {
  test("learns, and writes a folder that loads", async () => {
    const losses: number[] = [];
    const here = { ...(await context()), metric: (_: string, __: number, loss: number) => void losses.push(loss) };
    const evaluation = await trainChains(settings, here);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.3);
    expect(ChainsEvaluation.parse(evaluation)).toEqual(evaluation);
    expect((await readdir(here.out)).sort()).toEqual([
      "README.md",
      "chat_template.jinja",
      "config.json",
      "evaluation.json",
      "generation_config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    expect((await loadModel(here.out)).parameterCount).toBe(evaluation!.parameterCount);
  });
  test("stopped and gone on with, ends with the same bytes", async () => {
    const whole = await context();
    await trainChains(settings, whole);
    const parts = await context();
    for (const stopAfter of [7, 41, 60]) {
      const controller = new AbortController();
      await trainChains(settings, {
        ...parts,
        signal: controller.signal,
        progress: () => ({ update: (done) => void (done === stopAfter && done < 60 && controller.abort()), stop() {} }),
      });
    }
    expect(await hashOf(parts.out)).toBe(await hashOf(whole.out));
  });
});
