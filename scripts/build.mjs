// npm run build: dist/ with JavaScript and types, and the studio's pages, from a clean folder.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { install, root, run } from "./bootstrap.mjs";

install();
rmSync(join(root, "dist"), { recursive: true, force: true });
const status = run("tsc", ["-p", "tsconfig.build.json"]);
process.exit(status || run("node", [join(root, "scripts", "build-studio.mjs"), join(root, "dist", "studio")]));
