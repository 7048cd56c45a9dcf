/** The catalogue: every family, by topic. */
import type { Family } from "../family.ts";
import { constructions } from "./constructions.ts";
import { dynamic } from "./dynamic.ts";
import { graphs } from "./graphs.ts";
import { greedy } from "./greedy.ts";
import { interactive } from "./interactive.ts";
import { numbers } from "./numbers.ts";
import { sequences } from "./sequences.ts";
import { strings } from "./strings.ts";

export const families: readonly Family[] = [
  ...sequences,
  ...numbers,
  ...strings,
  ...greedy,
  ...dynamic,
  ...graphs,
  ...constructions,
  ...interactive,
];
