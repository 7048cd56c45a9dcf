// npm run build: dist/ with JavaScript and types, from a clean folder.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { install, root, run } from "./bootstrap.mjs";

install();
rmSync(join(root, "dist"), { recursive: true, force: true });
process.exit(run("tsc", ["-p", "tsconfig.build.json"]));
