/** `polymath doctor`: what this machine has, what that enables, and how to get the rest. */
import pc from "picocolors";
import { z } from "zod";
import { defineCommand } from "../../core/command.ts";
import { version } from "../../core/version.ts";
import { alignColumns } from "../text.ts";
import { examineDevices } from "./devices.ts";
import type { Finding } from "./finding.ts";
import { examineMachine } from "./machine.ts";
import { examinePrograms } from "./programs.ts";

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "Show what this machine has, what that enables, and how to get the rest",
  description: "Measures every compute device with a real matmul; takes a few seconds. Missing parts are no fault.",
  examples: ["polymath doctor", "polymath doctor --brief", "polymath doctor --json"],
  options: z.object({
    brief: z.boolean().default(false).describe("only what is there, one line each"),
  }),
  run: async (_args, { brief }) => ({ version, brief, findings: await examineAll() }),
  print: ({ brief, findings }) => (brief ? describeBriefly(findings) : describeFully(findings)),
});

/** Everything, devices last so that the other probes do not disturb their measurement. */
export async function examineAll(): Promise<Finding[]> {
  const [machine, programs] = await Promise.all([examineMachine(), examinePrograms()]);
  return [...machine, ...(await examineDevices()), ...programs];
}

/** For the tour: what is there and works, one line each. */
export function describeBriefly(findings: readonly Finding[]): string {
  const present = findings.filter(({ ok, section }) => ok && section !== "Programs");
  return alignColumns(present.map(({ name, found }) => [`${pc.green("✓")} ${name}`, found]));
}

/** All findings by section; under what is missing, how to get it. */
export function describeFully(findings: readonly Finding[]): string {
  const sections = [...new Set(findings.map(({ section }) => section))];
  const nameWidth = Math.max(...findings.map(({ name }) => name.length));
  const paragraphs = sections.map((section) => {
    const lines = findings
      .filter((finding) => finding.section === section)
      .flatMap((finding) => describeFinding(finding, nameWidth));
    return [pc.bold(section), ...lines].join("\n");
  });
  return [`Polymath ${version}`, ...paragraphs].join("\n\n");
}

function describeFinding({ ok, name, found, enables, get }: Finding, nameWidth: number): string[] {
  const mark = ok ? pc.green("✓") : pc.yellow("–");
  const below = " ".repeat(nameWidth + 6);
  const lines = [`  ${mark} ${name.padEnd(nameWidth)}  ${found}`, `${below}${pc.dim(`for ${enables}`)}`];
  return get ? [...lines, `${below}${pc.cyan(`get it: ${get}`)}`] : lines;
}
