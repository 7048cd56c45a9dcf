/** The generator: trained, opened, sampled from, and checked for repeating its training pictures. */
export { type Generator, openGenerator, saveGenerator } from "./generator.ts";
export { describeMemorisation, findMemorised, type NeighbourSets } from "./memorisation.ts";
export { type DrawOptions, drawLatents, drawPictures, labelsInTurn } from "./sample.ts";
export { GeneratorCard, LatentScale, Memorisation } from "./schemas.ts";
export { type TrainGeneratorContext, type TrainGeneratorOptions, trainGenerator, writeGrid } from "./train.ts";
