/** Every known program of this topic, judged: a minute or two. */
import { truthSuite } from "../truth-suite.fixtures.ts";
import { interactive } from "./interactive.ts";

truthSuite("interactive", interactive);
