/**
 * `node measure.ts MODEL METHOD UPDATES`: so many updates of training on rewards, as the world Clinic has them: 64 rollouts
 * of 70 tokens on prompts of 40 to 58, a reward that costs nothing. The first update compiles and is left out.
 */
import "../../src/compute/executors/worker-shim.ts"; // before jax-js is loaded
import { countParameters } from "../../src/compute/tree.ts";
import { Random } from "../../src/core/random.ts";
import { defineDecoder, initDecoder } from "../../src/language/decoder/index.ts";
import { closedVocabulary } from "../../src/language/tokenizers/index.ts";
import { type PolicyMethod, tinySettings, trainPolicy, type UpdateReport } from "../../src/language/train/index.ts";
import { rlModels } from "./models.ts";

export interface Measurement {
  parameterCount: number;
  updates: { rollout: number; whole: number; seconds: UpdateReport["seconds"]; processorSeconds: number }[];
}

const [modelName, method, updates] = process.argv.slice(2);
const config = defineDecoder(rlModels[modelName!]!);
const rng = new Random("bench-rl");
const params = initDecoder(config, rng.split("weights"));
const tokenizer = closedVocabulary(Array.from({ length: config.vocabSize }, (_, id) => `<${id}>`));
const prompts = Array.from({ length: 256 }, (_, item) => {
  const own = rng.split(item);
  return { tokens: Array.from({ length: own.int(40, 58) }, () => own.int(0, config.vocabSize - 1)), item };
});
const measured: Measurement = { parameterCount: countParameters(params), updates: [] };
let before = process.cpuUsage();
await trainPolicy({
  config,
  params,
  tokenizer,
  prompts,
  reward: (rollouts) => rollouts.map(({ tokens }) => tokens.filter((id) => id % 3 === 0).length / tokens.length),
  settings: { ...tinySettings[method as PolicyMethod], updates: Number(updates) + 1 },
  seed: 1,
  onUpdate({ update, tokensPerSecond, seconds }) {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    if (update > 1) measured.updates.push({ ...tokensPerSecond, seconds, processorSeconds: (user + system) / 1e6 });
  },
});
console.log(JSON.stringify(measured));
