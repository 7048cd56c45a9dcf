/**
 * What does the certaindex proxy add to the wait for the first token and to each token after it, beside Portkey's gateway?
 * (1, 50 and 200 streams at once, 20 tokens a second each; upstream, proxies and client are processes of their own)
 * Expected: less than Portkey in the median and in the 99th percentile, of the first token and of the others, at every
 * number of streams; some tenths of a millisecond as long as the processors are not full. Probing beside the chains costs
 * more, as it parses each piece.
 * Run: npm run bench -- proxy
 *
 * Each token carries the time at which the upstream sent it, on the clock that all processes share: what a proxy adds is
 * the difference to the same load without one. All routes take turns within a round.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { spread } from "./lib/paired.ts";
import type { Benchmark, BenchOptions, Cell, Outcome, Table } from "./lib/report.ts";
import { type Latencies, quantile, type Route, runStreams } from "./proxy/client.ts";

const paceMs = 50;
const [direct, ours, probing, theirs] = ["no proxy", "Polymath", "Polymath, probing", "Portkey"] as const;
const figures: Record<string, (latencies: Latencies) => number> = {
  "first token, p50": ({ firstMs }) => quantile(firstMs, 0.5),
  "first token, p99": ({ firstMs }) => quantile(firstMs, 0.99),
  "other tokens, p50": ({ tokenMs }) => quantile(tokenMs, 0.5),
  "other tokens, p99": ({ tokenMs }) => quantile(tokenMs, 0.99),
};

const processor = "processor time per token, µs";

export const benchmark: Benchmark = {
  name: "proxy",
  question: "What does the certaindex proxy add to each token and to the wait for the first, beside Portkey's gateway?",
  async run(options) {
    const outcome: Outcome = { tables: [], remarks: [], failures: [] };
    const tokens = options.quick ? 20 : 60;
    const children: ChildProcess[] = [];
    try {
      const routes = await openRoutes(tokens, children);
      for (const streams of options.quick ? [1, 50] : [1, 50, 200]) {
        outcome.tables.push(await measure(routes, { streams, tokens }, options));
      }
    } finally {
      for (const child of children) child.kill();
    }
    outcome.remarks.push(
      "Milliseconds over the same load without a proxy in the same round: medians (min–max) of rounds. At one stream a " +
        "round has few first tokens, and its p99 is its slowest.",
      "Processor time is that of the proxy's process, its requests included; unlike the waits it hardly depends on what else the machine does.",
      "Times: Portkey's figure over Polymath's, of the medians; above 1 means that Polymath adds less.",
      "Probing: a window that never agrees, so that every chain is asked for its answer every 16 tokens and none is stopped.",
      "Portkey 1.15.2 cannot stream with the newest @hono/node-server that it allows (its headers are immutable); it runs " +
        "with 1.14.0, the newest with which it can.",
    );
    return outcome;
  },
};

interface Contender extends Route {
  /** The process of the proxy. */
  child?: ChildProcess;
}

async function openRoutes(tokens: number, children: ChildProcess[]): Promise<Map<string, Contender>> {
  const start = (file: string, ...args: string[]) => {
    const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
    const child = fork(new URL(`./proxy/${file}`, import.meta.url), args, { stdio: [...stdio] });
    children.push(child);
    return child;
  };
  const [upstream] = (await once(start("upstream.ts", `${tokens}`, `${paceMs}`), "message")) as [string];
  const polymath = start("polymath.ts", upstream);
  const [proxy] = (await once(polymath, "message")) as [string];
  const port = await freePort();
  const gateway = start("portkey.ts", `${port}`);
  await untilListening(`http://127.0.0.1:${port}/`);
  const portkey = { "x-portkey-provider": "openai", "x-portkey-custom-host": upstream, authorization: "Bearer none" };
  return new Map<string, Contender>([
    [direct, { url: upstream }],
    [ours, { url: proxy, child: polymath }],
    [probing, { url: proxy, child: polymath, fields: { dynasor: { probe_interval: 16, certainty_window: 1000 } } }],
    [theirs, { url: `http://127.0.0.1:${port}/v1`, headers: portkey, child: gateway }],
  ]);
}

async function measure(
  routes: Map<string, Contender>,
  { streams, tokens }: { streams: number; tokens: number },
  { quick, note }: BenchOptions,
): Promise<Table> {
  const rounds = quick ? 2 : 7;
  const added = new Map<string, number[]>(); // by route and figure
  const names = [...routes.keys()];
  for (let round = -1; round < rounds; round++) {
    note(`${streams} streams, ${round === -1 ? "warming up" : `round ${round + 1} of ${rounds}`}`);
    const seen = new Map<string, Latencies>();
    const spent = new Map<string, number>(); // processor time per token, µs
    const first = Math.max(0, round) % names.length; // everyone starts a round as often as the others
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const { child } = routes.get(name)!;
      const before = child ? await cpuMs(child) : 0;
      const latencies = await runOften(routes.get(name)!, streams, tokens);
      const count = latencies.firstMs.length + latencies.tokenMs.length;
      spent.set(name, child ? (1000 * ((await cpuMs(child)) - before)) / count : 0);
      seen.set(name, latencies);
    }
    if (round === -1) continue;
    for (const name of names) {
      const add = (figure: string, value: number) =>
        added.set(`${name} ${figure}`, [...(added.get(`${name} ${figure}`) ?? []), value]);
      for (const [figure, read] of Object.entries(figures)) {
        const own = read(seen.get(name)!);
        add(figure, name === direct ? own : own - read(seen.get(direct)!));
      }
      add(processor, spent.get(name)!);
    }
  }
  const rows = [...Object.keys(figures), processor].map((figure): Cell[] => {
    const cell = (name: string) => spread(added.get(`${name} ${figure}`)!);
    const [mine, other] = [cell(ours), cell(theirs)];
    const ratio = mine.median > 0 ? other.median / mine.median : "nothing added"; // less than the noise of this machine
    return [figure, figure === processor ? "" : cell(direct), mine, other, ratio, cell(probing)];
  });
  const title = `${streams} stream${streams === 1 ? "" : "s"} at once: milliseconds added`;
  return { title, columns: ["", "without a proxy", ours, theirs, "times", probing], rows };
}

/** A lone stream runs several times: one first token says little. */
async function runOften(route: Route, streams: number, tokens: number): Promise<Latencies> {
  const all: Latencies = { firstMs: [], tokenMs: [] };
  for (let times = 0; times < (streams === 1 ? 5 : 1); times++) {
    const { firstMs, tokenMs } = await runStreams(route, streams, tokens, paceMs);
    all.firstMs.push(...firstMs);
    all.tokenMs.push(...tokenMs);
  }
  return all;
}

async function cpuMs(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const [spent] = await once(child, "message");
  return spent as number;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function untilListening(url: string): Promise<void> {
  for (let attempt = 0; attempt < 120; attempt++) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.text();
    if (answer) return;
    await sleep(250);
  }
  throw new Error(`Nothing listens at ${url} after 30 s`);
}
