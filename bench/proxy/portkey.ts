/** The process with Portkey's gateway, started as its users start it: `node portkey.ts <port>`. */
import { existsSync } from "node:fs";
import { tellCpu } from "./tell-cpu.ts";

const file = new URL("../node_modules/@portkey-ai/gateway/build/start-server.js", import.meta.url);
if (!existsSync(file))
  throw new Error("Portkey's gateway is not installed: run npm install --ignore-scripts in bench/");
process.argv.push("--headless", `--port=${process.argv[2]}`);
await import(file.href);
tellCpu();
