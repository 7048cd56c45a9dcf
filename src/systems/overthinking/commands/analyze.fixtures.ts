/** Rows whose answers only a judge finds right, and the model that cuts, judges and clusters them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MockRequest } from "../../../endpoint/testing/index.ts";
import { temporaryFolder } from "./context.fixtures.ts";

/** Four steps each; the rules find the answers different, so that the judge is asked. */
export function rowsFile(traceCount: number): string {
  const rows = Array.from({ length: traceCount }, (_, index) => ({
    problem: `Which numbers? (${index})`,
    response: `<think>\nThought 1 of ${index}.\n\nThought 2 of ${index}.\n\nThought 3 of ${index}.\n\nThought 4 of ${index}.\n</think>\n\nAnswer: all of them`,
    expected_answer: "every number",
  }));
  const file = join(temporaryFolder(), "rows.jsonl");
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return file;
}

/** Cuts after the second step, judges the first solution wrong, and finds two strategies. */
export function answer({ body }: Pick<MockRequest, "body">): string {
  const [system, user] = body.messages!.map(({ content }) => String(content)) as [string, string];
  if (/^You divide/.test(system))
    return "<solution1><step>###STEP 1 … ###STEP 2</step><answer>some</answer><complete>true</complete></solution1>\n<solution2><step>###STEP 3 … ###STEP 4</step><answer>all of them</answer><complete>true</complete></solution2>";
  if (/^You are given a problem and several/.test(system))
    return "cluster1\t[Solution 1]\ta\ncluster2\t[Solution 2]\tb";
  if (/^You are given a question, the correct answer/.test(system))
    return `{"result": ${/Student's answer: all/.test(user)}}`;
  return `{"result": ${/<end>/.test(user)}}`; // stage 2: no; stage 3: yes
}
