/** `polymath codeelo serve-judge`: the local judge behind the submission service that CodeElo's client talks to. */
import { once } from "node:events";
import pc from "picocolors";
import { z } from "zod";
import { defineCommand } from "../../core/command.ts";
import { startService } from "../../server/codeelo/index.ts";
import { judgeOptions, openCommandJudge, readServedProblems } from "../../systems/codeelo/index.ts";
import { readServerKey } from "../serve/describe-server.ts";

export const serveJudgeCommand = defineCommand({
  name: "codeelo serve-judge",
  summary: "Serve the local judge to CodeElo's own client, in place of its submission service",
  description:
    "PROBLEMS is a file (CodeElo, open-r1/codeforces, LiveCodeBench, CodeContests), a problem folder or a folder of such. " +
    "Problems of no contest are contest 0's. Only programs of this machine can connect unless --host is given; then set a " +
    "token with --token-env, too.",
  examples: [
    "polymath codeelo serve-judge open-r1.parquet",
    "MY_TOKEN=... polymath codeelo serve-judge problems --port 8080 --token-env MY_TOKEN",
  ],
  args: z.tuple([z.string().meta({ label: "problems" }).describe("a file of problems, or a folder")]),
  options: judgeOptions.extend({
    host: z.string().default("127.0.0.1").describe("address to listen on; 0.0.0.0 for all of this machine"),
    port: z.number().int().min(0).max(65535).default(8000).describe("0 takes a free one"),
    tests: z.string().optional().meta({ label: "folder" }).describe("generated tests of open-r1/codeforces"),
    tokenEnv: z
      .string()
      .optional()
      .meta({ label: "variable" })
      .describe("environment variable with the token that clients must send"),
  }),
  endsOnInterrupt: true,
  async run([path], { host, port, tests, tokenEnv, ...options }, { signal, log, json }) {
    const token = readServerKey(tokenEnv, "--token-env");
    const problems = await readServedProblems(path, {
      testsFolder: tests,
      onBadRow: (message) => log.warn("problem-skip", { file: path, message }),
    });
    const judge = await openCommandJudge(options);
    const service = await startService({ problems, judge, host, port, token, log });
    try {
      const contests = new Set(problems.map(({ contestId }) => contestId));
      const { url } = service;
      process.stdout.write(
        json
          ? `${JSON.stringify({ url, problemCount: problems.length, contests: [...contests] })}\n`
          : describeService(url, problems.length, contests, tokenEnv),
      );
      if (!signal.aborted) await once(signal, "abort");
    } finally {
      await service.close();
    }
  },
  print: () => "", // said when the service stood
});

function describeService(url: string, count: number, contests: Set<string>, tokenEnv: string | undefined): string {
  const ids = [...contests].map(Number).filter(Number.isInteger);
  const range = ids.length > 0 ? ` --bid ${Math.min(...ids)} --eid ${Math.max(...ids)}` : "";
  return [
    `${count} problems of ${contests.size} contests at ${pc.bold(url)}  ${pc.dim("(Ctrl-C stops)")}`,
    "",
    `  BASE_URL=${url} TOKEN=${tokenEnv ? `$${tokenEnv}` : "none"} python main.py${range}`,
    "",
    "",
  ].join("\n");
}
