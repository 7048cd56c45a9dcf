/** Statistics for judging honestly: intervals and paired tests. */
export { type BootstrapOptions, bootstrapInterval, pairedBootstrap } from "./bootstrap.ts";
export { clopperPearson, type ProportionOptions } from "./clopper-pearson.ts";
export { betaCdf, betaQuantile, binomialCdf, normalCdf, normalQuantile } from "./distributions.ts";
export type { Interval } from "./interval.ts";
export { type McNemarResult, mcnemar, type PermutationResult, pairedPermutation } from "./paired-tests.ts";
export { studentQuantile } from "./student.ts";
export { mean, median, quantile, standardDeviation } from "./summary.ts";
