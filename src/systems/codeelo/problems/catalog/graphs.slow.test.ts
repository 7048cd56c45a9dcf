/** Every known program of this topic, judged: a minute or two. */
import { truthSuite } from "../truth-suite.fixtures.ts";
import { graphs } from "./graphs.ts";

truthSuite("graphs", graphs);
