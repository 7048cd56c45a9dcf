/** The whole data engine on some rows, against the unruly teacher: factory, then search, then merge. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FaultRates, faultsBySeed, startMockServer } from "../../endpoint/testing/index.ts";
import { factoryCommand, mergeCommand, searchCommand } from "./command.ts";
import { type DemoRow, runHere, scriptedTeacher, temporaryFolder } from "./teacher.fixtures.ts";

/** @param faults of the connection; default all kinds, whose waits take a while */
export async function runEngine(
  rows: readonly DemoRow[],
  { file, faults }: { file?: string; faults?: FaultRates } = {},
) {
  const script = scriptedTeacher({ rows, isUnruly: true });
  const server = await startMockServer({ ...script, ...(faults && { faults: faultsBySeed(3, faults) }) });
  try {
    let input = file;
    if (input === undefined) {
      input = join(temporaryFolder(), "questions.json");
      writeFileSync(input, JSON.stringify(rows));
    }
    const model = { endpoint: server.url, model: "mock", timeout: 1, concurrency: 16 };
    const factory = await runHere(factoryCommand, [input], model);
    const search = await runHere(searchCommand, [factory.result.out], { ...model, seed: 5 });
    const merge = await runHere(mergeCommand, [search.result.out], model);
    return { factory, search, merge, counts: { ...server.counts } };
  } finally {
    await server.close();
  }
}
