import { spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { findLanguage, openJudge, Problem, writeProblem } from "../../systems/codeelo/index.ts";
import { serveJudgeCommand } from "./command.ts";

const program = join(import.meta.dirname, "../../../bin/polymath.mjs");
const canJudge = await openJudge().then(
  async () => (await findLanguage("python")) !== undefined,
  () => false,
);

test.skipIf(!canJudge)(
  "serves a folder with a token, judges, and ends on Ctrl-C (needs python3)",
  async () => {
    const root = await mkdtemp(join(tmpdir(), "serve-judge-"));
    const tests = [{ name: "1", input: "2\n", answer: "4\n" }];
    await writeProblem(join(root, "double"), Problem.parse({ id: "double", tests }));
    const args = ["codeelo", "serve-judge", root, "--port", "0", "--token-env", "THE_TOKEN", "--json", "--no-cache"];
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, THE_TOKEN: "sesame" } });
    const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const { value } = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
    const { url, problemCount, contests } = JSON.parse(value!);
    expect([problemCount, contests]).toEqual([1, ["0"]]);
    const headers = { Authorization: "sesame", "Content-Type": "application/json" };
    expect((await fetch(`${url}/check_auth`)).status).toBe(401);
    const body = JSON.stringify({ prob: "double", lang: 70, code: "print(2 * int(input()))", tag: "" });
    const { submission_id } = await (await fetch(`${url}/submit_code`, { method: "POST", headers, body })).json();
    const status = await (await fetch(`${url}/check_status?submission_id=${submission_id}`, { headers })).json();
    expect(status).toEqual({ status_canonical: "AC" });
    child.kill("SIGINT");
    expect(await exited).toBe(0);
  },
  60_000,
);

test("an empty token variable is refused: a service meant to be closed must not stand open", async () => {
  const options = { host: "127.0.0.1", port: 0, tokenEnv: "NO_SUCH_TOKEN", cache: false };
  const run = serveJudgeCommand.run(["problems"], options, {} as never);
  await expect(run).rejects.toThrow("--token-env: the environment variable NO_SUCH_TOKEN is empty");
});
