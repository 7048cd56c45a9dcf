// npm start: installs what is missing, then the tour. Arguments pass through: npm start -- --no-serve
import { install, run } from "./bootstrap.mjs";

install();
process.exit(run("node", ["bin/polymath.mjs", "tour", ...process.argv.slice(2)]));
