/** Every known program of this topic, judged: a minute or two. */
import { truthSuite } from "../truth-suite.fixtures.ts";
import { dynamic } from "./dynamic.ts";

truthSuite("dynamic", dynamic);
