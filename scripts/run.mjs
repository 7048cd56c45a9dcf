// Installs what is missing, then runs a tool with the project's Node: node scripts/run.mjs [NAME=value] vitest run
import { install, run } from "./bootstrap.mjs";

const words = process.argv.slice(2);
const env = {};
while (/^[A-Z_]+=/.test(words[0])) {
  const [name, value] = words.shift().split("=");
  env[name] = value;
}
const [command, ...args] = words;
install();
process.exit(run(command, args, { env }));
