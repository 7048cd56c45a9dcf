/**
 * `node measure.ts COUNT ACCOUNT`: so many questions through the factory's stages on an embedded database in a folder of
 * its own, with a model that answers at once. ACCOUNT is `bare`, or `account` for ledger and cache on disk as well.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Endpoint, openLedger, withLedger } from "../../src/endpoint/index.ts";
import { definePipeline, openDatabase, runPipeline } from "../../src/jobs/index.ts";
import {
  checkRowStage,
  defaultPrompts,
  llmFilterStage,
  longEnoughStage,
  reformatStage,
  rulesStage,
} from "../../src/systems/huatuogpt-o1/index.ts";

export interface Measurement {
  seconds: number;
  processorSeconds: number;
  /** Questions that came through. */
  kept: number;
}

const reformatted = JSON.stringify({
  "Open-ended Verifiable Question": "Which metal is it?",
  "Ground-True Answer": "gold",
});

const instant: Endpoint = {
  url: "mock:",
  model: "mock",
  async chat({ messages }) {
    const isFilter = String(messages.at(-1)!.content).includes("Reply with the label alone");
    const choices = [{ text: isFilter ? "Pass" : reformatted, finishReason: "stop" as const }];
    return { model: "mock", choices, usage: { promptTokens: 400, completionTokens: 40 }, latencyMs: 0 };
  },
  complete: unused,
  streamChat: unused,
  streamCompletion: unused,
  capabilities: unused,
  close: async () => {},
};

function unused(): never {
  throw new Error("the factory only chats");
}

/** Of the length of an exam question; one in eight is turned away by a rule. */
function* questions(count: number) {
  for (let n = 0; n < count; n++) {
    const story = `Case ${n}: a miner brings ${n % 7} stones from shaft ${n % 31}. `.repeat(6);
    const question = `${story}Which metal is ${n % 8 === 0 ? "NOT " : ""}in them?`;
    yield {
      number: n + 1,
      row: { question, options: { A: "iron", B: "gold", C: "tin", D: "lead" }, answer_idx: "B", answer: "gold" },
    };
  }
}

const [count, account] = [Number(process.argv[2]), process.argv[3]];
const folder = await mkdtemp(join(tmpdir(), "polymath-bench-"));
const ledger = await openLedger(join(folder, "ledger.jsonl"));
const cache = { folder: join(folder, "cache") };
const endpoint = account === "account" ? withLedger(instant, { ledger, cache, concurrency: 16 }) : instant;
const teacher = { endpoint, prompts: defaultPrompts, maxTokens: 1024 };
const database = await openDatabase({ url: "", dir: join(folder, "database") });
try {
  const pipeline = definePipeline({
    name: "factory",
    stages: [checkRowStage, longEnoughStage(15), rulesStage, llmFilterStage(teacher), reformatStage(teacher)],
  });
  const run = (id: string, size: number) =>
    runPipeline({ database, pipeline, id, input: questions(size), concurrency: 64 });
  await run("warm", 50);
  const [begun, used] = [performance.now(), process.cpuUsage()];
  const { stages } = await run("it", count);
  const { user, system } = process.cpuUsage(used);
  const measured: Measurement = {
    seconds: (performance.now() - begun) / 1000,
    processorSeconds: (user + system) / 1e6,
    kept: stages.at(-1)!.done,
  };
  process.stdout.write(JSON.stringify(measured));
} finally {
  await database.close();
  ledger.close();
  await rm(folder, { recursive: true, force: true });
}
