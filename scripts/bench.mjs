// npm run bench: installs the peers that bench/ compares with, then runs the benchmarks: npm run bench -- matmul
import { join } from "node:path";
import { install, root, run } from "./bootstrap.mjs";

install();
install(join(root, "bench"));
process.exit(run("node", [join(root, "bench", "run.ts"), ...process.argv.slice(2)]));
