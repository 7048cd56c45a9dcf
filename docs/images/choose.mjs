// Makes the pictures of the READMEs (tour-table.mjs makes their table) from those that the tests of the studio leave in studio/shots:
//   POLYMATH_SLOW=1 npx vitest run test/tour.slow.test.ts test/studio.slow.test.ts && node docs/images/choose.mjs
import { stat } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";

const chosen = [
  "tour-wide",
  "tour-chinese",
  "certaindex-wide",
  "overthinking-cut-wide",
  "codeelo-failures-wide",
  "huatuo-wide",
  "lightningdit-marks-wide",
  "ask-wide",
];
const mostBytes = 150_000;

for (const name of chosen) {
  const file = join(import.meta.dirname, `${name}.png`);
  const shot = sharp(join(import.meta.dirname, "../../studio/shots", `${name}.png`));
  await shot.resize({ width: 1280, withoutEnlargement: true }).png({ palette: true, effort: 10 }).toFile(file);
  const { size } = await stat(file);
  if (size > mostBytes) throw new Error(`${file} has ${size} bytes, more than ${mostBytes}`);
  console.log(`${name}.png  ${Math.round(size / 1000)} kB`);
}
