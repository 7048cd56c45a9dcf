/** Counters, gauges and latency histograms of a server, in Prometheus' text form. Seconds and tokens, by model. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Usage } from "../endpoint/endpoint.ts";
import type { ServedEndpoint, ServedModel } from "./model-table.ts";

/** What is followed: its gate, and the counters of what stands behind it. */
export type MeteredModel = Pick<ServedModel, "id" | "gate"> & { endpoint: Pick<ServedEndpoint, "metrics"> };

export interface Metrics {
  /** An answered HTTP request; of a stream, when it began. */
  countRequest(route: string, status: number): void;
  /** Follows one generation from its arrival to its end. */
  begin(model: MeteredModel, isStream: boolean): Generation;
  render(): Promise<string>;
  readonly contentType: string;
}

export interface Generation {
  /** A piece of choice `index` has come. */
  token(index: number): void;
  usage(usage: Usage): void;
  /** Must be called once. @param outcome `done` or the code of the error */
  end(outcome: string): void;
}

// From a token of a small model on one core to a long chain of thought.
const tokenBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const requestBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** @param part how the endpoints' own counters are called: `polymath_engine_rows` */
export function createMetrics({ all: models }: { all: readonly MeteredModel[] }, part = "engine"): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ["model"];
  const counter = (name: string, help: string, labels = labelNames) =>
    new Counter({ name: `polymath_${name}`, help, labelNames: labels, registers });
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `polymath_${name}`, help, labelNames, buckets, registers });
  const gauge = (name: string, help: string, read: (model: MeteredModel) => number) =>
    new Gauge({
      name: `polymath_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        for (const model of models) this.set({ model: model.id }, read(model));
      },
    });

  const requests = counter("http_requests_total", "HTTP requests by route and status", ["route", "status"]);
  const outcomes = counter("generations_total", "Generations by how they ended", ["model", "outcome"]);
  const promptTokens = counter("prompt_tokens_total", "Tokens read, cached ones included");
  const cachedTokens = counter("cached_tokens_total", "Tokens of prompts that were in a cache");
  const completionTokens = counter("completion_tokens_total", "Tokens written");
  const firstToken = histogram("first_token_seconds", "From arrival to the first token of a stream", requestBuckets);
  const betweenTokens = histogram("between_tokens_seconds", "Between two tokens of a stream", tokenBuckets);
  const whole = histogram("generation_seconds", "From arrival to the end of the answer", requestBuckets);
  const streams = new Map<MeteredModel, number>(models.map((model) => [model, 0]));
  gauge("requests_waiting", "Requests waiting for a place", ({ gate }) => gate.waitingCount);
  gauge("sequences_active", "Sequences being generated", ({ gate }) => gate.activeCount);
  gauge("streams_active", "Streams open", (model) => streams.get(model)!);
  const engineMetrics = new Map<string, Gauge | Counter>();

  /** What the endpoints count themselves; their names are known only once they tell. */
  const collectEngines = () => {
    for (const { id, endpoint } of models) {
      for (const [own, value] of Object.entries(endpoint.metrics?.() ?? {})) {
        const name = `polymath_${part}_${own.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
        const Kind = own.endsWith("Total") ? Counter : Gauge;
        const metric =
          engineMetrics.get(name) ?? new Kind({ name, help: `The ${part}'s ${own}`, labelNames, registers });
        engineMetrics.set(name, metric);
        metric.remove({ model: id }); // a counter has no `set`
        metric.inc({ model: id }, value);
      }
    }
  };

  return {
    contentType: registry.contentType,
    countRequest: (route, status) => requests.inc({ route, status }),
    begin(model, isStream) {
      const label = { model: model.id };
      const began = performance.now();
      const between = betweenTokens.labels(label); // looked up once, not at each token
      const lastTimes: number[] = [];
      let tokenCount = 0;
      let isCounted = false;
      if (isStream) streams.set(model, streams.get(model)! + 1);
      return {
        token(index) {
          const now = performance.now();
          const last = lastTimes[index];
          if (tokenCount++ === 0) firstToken.observe(label, (now - began) / 1000);
          if (last !== undefined) between.observe((now - last) / 1000);
          lastTimes[index] = now;
        },
        usage(usage) {
          isCounted = true;
          promptTokens.inc(label, usage.promptTokens);
          cachedTokens.inc(label, usage.cachedTokens ?? 0);
          completionTokens.inc(label, usage.completionTokens);
        },
        end(outcome) {
          if (isStream) streams.set(model, streams.get(model)! - 1);
          if (!isCounted) completionTokens.inc(label, tokenCount); // broken off: what had come
          outcomes.inc({ ...label, outcome });
          whole.observe(label, (performance.now() - began) / 1000);
        },
      };
    },
    async render() {
      collectEngines();
      return registry.metrics();
    },
  };
}
