/**
 * The world "marks": small pictures of one striped figure on a shaded ground, drawn from factors that are all known.
 * Twelve classes are four shapes in three palettes, which a vision model sees; place, size, turn, stripes, tint, ground
 * and noise are what makes a picture hard to compress and mean nothing for its class.
 * A mark is a pure function of seed, split and index, so no data set is ever stored.
 */
export { drawMark, type Mark } from "./world/draw.ts";
export { type MarkFactors, markClassNames, palettes, sampleFactors, shapes } from "./world/factors.ts";
export { type MarkSet, type MarkSplit, marks } from "./world/marks.ts";
