/** The model that a round of self-training starts from. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Outside, Tensor } from "../../../compute/tensor.ts";
import { mapTree } from "../../../compute/tree.ts";
import { UsageError } from "../../../core/errors.ts";
import { packageRoot } from "../../../core/version.ts";
import type { DecoderParams } from "../../../language/decoder/index.ts";
import type { DecoderModel } from "../../../language/generate/index.ts";
import { loadModel } from "../../../language/hugging-face.ts";
import { loadTokenizer } from "../../../language/tokenizers/index.ts";
import { sumsTokenizer } from "../tokenizer.ts";

/** The reasoner that ships with the package; POLYMATH_MODELS names another folder of models. */
export const embeddedReasoner = (): string =>
  join(process.env.POLYMATH_MODELS || join(packageRoot, "models"), "reasoner");

/**
 * Opens a reasoner of the world "Sums".
 * @throws UsageError when the folder holds another kind of model, which cannot sample and judge its own traces here
 */
export async function loadReasoner(dir: string): Promise<DecoderModel> {
  if (!existsSync(join(dir, "config.json"))) {
    throw new UsageError(`${dir} is no model folder: it has no config.json`, {
      hint: "Give a folder that `polymath train reasoner` wrote, or leave --model out for the embedded reasoner.",
    });
  }
  const [{ config, params }, tokenizer] = await Promise.all([loadModel(dir), loadTokenizer(dir)]);
  const sums = sumsTokenizer();
  const isSums =
    tokenizer.vocabSize === sums.vocabSize &&
    Array.from({ length: sums.vocabSize }, (_, id) => tokenizer.token(id) === sums.token(id)).every(Boolean);
  if (isSums) return { config, params };
  throw new UsageError(`${dir}: its vocabulary is not that of the world "Sums", where answers can be judged`, {
    hint: "To train any other model, give rows of your own: --pairs FILE with prompt, chosen and rejected.",
  });
}

/** Training spends parameters; the model itself stays. */
export function copyParams({ params }: DecoderModel): Outside<DecoderParams> {
  return mapTree(params, (leaf: Tensor) => Tensor.from(leaf.host!.slice(), leaf.shape, leaf.dtype));
}
