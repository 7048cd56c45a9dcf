/** The process with our proxy: `node polymath.ts <upstream>`. */
import { startProxy } from "../../src/server/certaindex/index.ts";
import { tellCpu } from "./tell-cpu.ts";

const proxy = await startProxy({
  upstream: process.argv[2]!,
  port: 0,
  model: "mock",
  maxQueue: 1000,
  policies: new Map(),
  fallback: undefined,
  base: {},
  thinkingIsOpen: false,
});
tellCpu();
process.send!(proxy.url);
