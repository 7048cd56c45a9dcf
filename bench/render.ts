/**
 * Writes the tables of a report into README.md: `node bench/render.ts bench/report.json`.
 * No number in the README is typed by hand; each comes with its machine, date and versions.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { machineLine } from "./lib/machine.ts";
import { markdownTable, type Result, readResults } from "./lib/report.ts";

const [begin, end] = ["<!-- results: written by render.ts -->", "<!-- end of results -->"];
const readme = join(import.meta.dirname, "README.md");

const [file] = process.argv.slice(2);
if (!file) {
  console.error("Which report? For example: node bench/render.ts bench/report.json");
  process.exit(2);
}
const text = readFileSync(readme, "utf8");
const [head, rest] = text.split(begin);
const tail = rest?.split(end)[1];
if (tail === undefined) throw new Error(`${readme}: the lines "${begin}" and "${end}" must both be there`);
const sections = readResults(file).map(section);
writeFileSync(readme, [head, begin, "\n\n", sections.join("\n\n"), "\n\n", end, tail].join(""));

function section({ name, question, quick, date, machine, versions, tables, remarks, failures }: Result): string {
  const runtime = versions["onnxruntime-node"] && `onnxruntime ${versions["onnxruntime-node"]}`;
  const revision = `revision ${versions.revision?.slice(0, 9)}`;
  const measured = [date.slice(0, 10), machineLine(machine), runtime, revision].filter(Boolean).join(", ");
  return [
    `### ${name}`,
    question,
    `<sub>${measured}${quick ? " — a quick run, not a measurement" : ""}</sub>`,
    ...tables.map(markdownTable),
    [...failures.map((failure) => `- **Failed:** ${failure}`), ...remarks.map((remark) => `- ${remark}`)].join("\n"),
  ].join("\n\n");
}
