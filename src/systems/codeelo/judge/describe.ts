/** Judgements and audits in words, for terminals. */
import type { Judgement, TestResult } from "../schemas.ts";
import type { NoiseReport } from "./noise.ts";

export function describeJudgement(judgement: Judgement): string {
  const { verdict, failedTest, tests, stamp, cpuMs, memoryBytes, compiler, points, maxPoints, subtasks } = judgement;
  const runCount = tests.filter(({ verdict: each }) => each !== "SKIPPED").length;
  const failed = tests.find(({ test }) => test === failedTest);
  const lines = [
    failed ? `${verdict} on test ${failed.test}: ${failed.message}` : verdict,
    `${runCount} of ${tests.length} tests, ${cpuMs} ms of CPU time, ${(memoryBytes / 2 ** 20).toFixed(1)} MB at most`,
    `${stamp.version}, ${stamp.sandbox}`,
  ];
  if (subtasks.length > 0) {
    lines.push(
      `${points} of ${maxPoints} points: ${subtasks.map((task) => `${task.name} ${task.points}/${task.maxPoints}`).join(", ")}`,
    );
  }
  if (verdict === "COMPILATION_ERROR") lines.push("", compiler.trim());
  if (failed) lines.push(...describeTest(failed));
  if (judgement.isTimingDoubtful)
    lines.push("", "The machine was busy with other work: times near the limit are doubtful.");
  return lines.join("\n");
}

function describeTest({ output, stderr, transcript }: TestResult): string[] {
  const block = (title: string, text: string) => (text.trim() ? ["", `${title}:`, shorten(text)] : []);
  const talk =
    transcript?.map(({ from, text }) => `${from === "solution" ? ">" : "<"} ${text.trim()}`).join("\n") ?? "";
  return [...block("It printed", output), ...block("Standard error", stderr), ...block("The talk", talk)];
}

function shorten(text: string): string {
  const lines = text.trimEnd().split("\n");
  return lines.length > 12
    ? [...lines.slice(0, 10), `... ${lines.length - 10} more lines`].join("\n")
    : lines.join("\n");
}

export function describeNoise({
  repeatCount,
  testCount,
  flipped,
  flipShare,
  flipInterval,
  cpuSpread,
}: NoiseReport): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const { low, high } = flipInterval;
  const lines = [
    `${flipped.length} of ${testCount} tests changed their verdict in ${repeatCount} judgings: ${percent(flipShare)} (95 %: ${percent(low)} to ${percent(high)})`,
    `CPU time of the same test differed by a factor of ${cpuSpread.toFixed(2)} at most`,
  ];
  for (const { test, verdicts } of flipped) {
    lines.push(
      `  ${test}: ${Object.entries(verdicts)
        .map(([verdict, count]) => `${verdict} ${count}`)
        .join(", ")}`,
    );
  }
  return lines.join("\n");
}
