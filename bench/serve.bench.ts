/**
 * What does the server add to each token, and to the wait for the first one?
 * (1, 50 and 200 streaming chats at once; a fake endpoint that writes as fast as it is read, one that writes 50 tokens
 * a second, and the reasoner; server and client are processes of their own)
 * Expected: some tens of microseconds of processor time per token, the same at every number of streams; with real
 * pacing the first token a few milliseconds later than without HTTP, as long as the server's processor is not full.
 * Run: npm run bench -- serve
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { spread } from "./lib/paired.ts";
import type { Benchmark, BenchOptions, Cell, Outcome } from "./lib/report.ts";
import { runOverHttp } from "./serve/client.ts";
import type { Question } from "./serve/server.ts";
import type { Load, Round } from "./serve/streams.ts";

const kinds = {
  fake: { title: "A fake endpoint at full speed", tokens: 200 },
  paced: { title: "A fake endpoint at 50 tokens a second", tokens: 50 },
  reasoner: { title: "The reasoner", tokens: 64 },
};

export const benchmark: Benchmark = {
  name: "serve",
  question: "What does the server add to each token, and to the wait for the first one?",
  async run(options) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    for (const [kind, { title, tokens }] of Object.entries(kinds)) {
      const child = fork(new URL("./serve/server.ts", import.meta.url), [kind, `${tokens}`], {
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      try {
        const [url] = (await once(child, "message")) as [string];
        const rows: Cell[][] = [];
        for (const streams of options.quick ? [1, 50] : [1, 50, 200]) {
          options.note(`${kind}: ${streams} streams`);
          rows.push(await measure(child, url, { streams, tokens }, options, outcome));
        }
        // Without pacing all streams' first tokens stand in one queue with the other tokens: their wait means nothing.
        const width = kind === "fake" ? 3 : columns.length;
        outcome.tables.push({ title, columns: columns.slice(0, width), rows: rows.map((row) => row.slice(0, width)) });
      } finally {
        child.kill();
      }
    }
    outcome.remarks.push(
      "Processor time is that of the process with server and endpoint, less what the endpoint takes by itself.",
      "First token: the median stream of a round, over HTTP and without; all streams of a round start at once.",
      "Medians (min–max) of rounds; client and server share the machine's processors.",
    );
    return outcome;
  },
};

const columns = [
  "streams",
  "added per token, µs of processor",
  "tokens/s over HTTP",
  "first token, ms",
  "without HTTP, ms",
];

async function measure(
  child: ChildProcess,
  url: string,
  load: Load,
  { quick }: BenchOptions,
  { failures }: Outcome,
): Promise<Cell[]> {
  const [served, direct]: [Round[], Round[]] = [[], []];
  const rounds = quick ? 2 : 7;
  for (let round = -1; round < rounds; round++) {
    const before = await ask<number>(child, { kind: "cpu" });
    const overHttp = await runOverHttp(url, load);
    const cpuMs = (await ask<number>(child, { kind: "cpu" })) - before;
    const byItself = await ask<Round>(child, { kind: "direct", load });
    if (overHttp.tokenCount !== byItself.tokenCount) {
      failures.push(`${load.streams} streams: ${overHttp.tokenCount} tokens over HTTP, ${byItself.tokenCount} without`);
    }
    if (round === -1) continue; // warms up
    served.push({ ...overHttp, cpuMs });
    direct.push(byItself);
  }
  const added = served.map(({ cpuMs, tokenCount }, round) => (1000 * (cpuMs - direct[round]!.cpuMs)) / tokenCount);
  const firstToken = (list: Round[]) => spread(list.map(({ firstTokenMs }) => spread(firstTokenMs).median));
  return [
    `${load.streams}`,
    spread(added),
    spread(served.map(({ tokenCount, wallMs }) => (1000 * tokenCount) / wallMs)),
    firstToken(served),
    firstToken(direct),
  ];
}

async function ask<T>(child: ChildProcess, question: Question): Promise<T> {
  child.send(question);
  const [answer] = await once(child, "message");
  return answer as T;
}
