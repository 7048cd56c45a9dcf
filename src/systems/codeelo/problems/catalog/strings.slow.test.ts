/** Every known program of this topic, judged: a minute or two. */
import { truthSuite } from "../truth-suite.fixtures.ts";
import { strings } from "./strings.ts";

truthSuite("strings", strings);
