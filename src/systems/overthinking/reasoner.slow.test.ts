/** Trains for real, with sizes of a minute: POLYMATH_SLOW=1 vitest run src/systems/overthinking */
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { createLog } from "../../core/log.ts";
import { createProgress } from "../../core/progress.ts";
import { loadModel } from "../../language/hugging-face.ts";
import { ChatTemplate, loadTokenizer } from "../../language/tokenizers/index.ts";
import { QUICK_SETTINGS, type ReasonerContext, trainReasoner } from "./reasoner.ts";
import { ReasonerEvaluation } from "./schemas.ts";

const silent = { write: () => true };
const settings = { ...QUICK_SETTINGS, dim: 32, layers: 2, lessons: 400, steps: 48, batch: 4, testPerLevel: 1 };

async function context(signal = new AbortController().signal): Promise<ReasonerContext> {
  const folder = await mkdtemp(join(tmpdir(), "reasoner-"));
  return {
    log: createLog({ stream: silent }),
    progress: (options) => createProgress({ ...options, stream: silent }),
    signal,
    checkpointDir: join(folder, "checkpoints"),
    checkpointEvery: 5,
    out: join(folder, "out"),
  };
}

const hashOf = async (out: string) =>
  createHash("sha256")
    .update(await readFile(join(out, "model.safetensors")))
    .digest("hex");

suite("trainReasoner", () => {
  test("learns, and writes a folder that loads", async () => {
    const losses: number[] = [];
    const here = { ...(await context()), metric: (_: string, __: number, loss: number) => void losses.push(loss) };
    const evaluation = await trainReasoner(settings, here);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.3);
    expect(ReasonerEvaluation.parse(evaluation)).toEqual(evaluation);
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
    const model = await loadModel(here.out);
    expect(model.parameterCount).toBe(evaluation!.parameterCount);
    const template = (await ChatTemplate.load(here.out))!;
    const prompt = template.render([{ role: "user", content: "17 + 25 =" }], { addGenerationPrompt: true });
    expect(prompt).toBe("<s>17+25=");
    expect((await loadTokenizer(here.out)).encode(prompt)).toHaveLength(7);
  });

  test("stopped and gone on with, ends with the same bytes", async () => {
    const whole = await context();
    await trainReasoner(settings, whole);
    const parts = await context();
    for (const stopAfter of [3, 21, 48]) {
      const controller = new AbortController();
      await trainReasoner(settings, {
        ...parts,
        signal: controller.signal,
        progress: () => ({ update: (done) => void (done === stopAfter && done < 48 && controller.abort()), stop() {} }),
      });
    }
    expect(await hashOf(parts.out)).toBe(await hashOf(whole.out));
  });
});
