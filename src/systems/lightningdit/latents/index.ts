/** Latent data sets in the official layout. */
export { type ExtractOptions, extractLatents } from "./extract.ts";
export {
  checkLabels,
  denormalise,
  examplesOf,
  intoMemory,
  type LatentSet,
  normalise,
  openLatents,
} from "./latent-set.ts";
export type { LatentTokenizer } from "./latent-tokenizer.ts";
export { openShard, type ShardContent, type ShardFile, shardName, writeShard } from "./shard-file.ts";
export { checkStats, computeStats, type LatentStats, readStats, writeStats } from "./stats.ts";
