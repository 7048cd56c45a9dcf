/** Real programs in the real sandbox of this machine; skipped, with the reason, where there is none. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { expect, suite, test } from "vitest";
import { runEscapeSuite } from "./escape/suite.ts";
import { probeSandbox } from "./probe.ts";
import { findSystemProgram } from "./programs.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";

const { report } = await probeSandbox();
if (!report.ok) console.info(`sandbox: ${report.missing[0]!.what}, so the tests that run programs are skipped`);
const sandbox = report.ok ? await openSandbox() : (undefined as unknown as Sandbox);
const hasPython = (await findSystemProgram("python3")) !== undefined;
if (!hasPython) console.info("sandbox: no Python 3 in /usr, so the escape suite is skipped");
const shell = (script: string) => ["/bin/sh", "-c", script];

suite.skipIf(!report.ok)("the sandbox", () => {
  test("input, output, error output, exit code, environment and files", async () => {
    const outcome = await sandbox.run({
      command: shell("cat; cat given/file; echo $NAME $SECRET; echo oops >&2; echo made > result; exit 3"),
      stdin: "hello\n",
      env: { NAME: "value" },
      files: [{ path: "given/file", data: "a file\n" }],
      fetch: { result: 100, missing: 100 },
    });
    expect(outcome).toMatchObject({ status: "exited", exitCode: 3, signal: null });
    expect([outcome.stdout.toString(), outcome.stderr.toString()]).toEqual(["hello\na file\nvalue\n", "oops\n"]);
    expect([...outcome.files].map(([path, data]) => [path, data.toString()])).toEqual([["result", "made\n"]]);
    expect(outcome.memoryBytes).toBeGreaterThan(100_000);
  });
  test("nothing is left from one run to the next", async () => {
    await sandbox.run({ command: shell("echo x > /box/left; echo x > /tmp/left") });
    const { stdout } = await sandbox.run({ command: shell("ls /box /tmp") });
    expect(stdout.toString()).toBe("/box:\n\n/tmp:\n");
  });
  test("a path below /tmp can be shown, and not written to", async () => {
    const folder = await mkdtemp("/tmp/shown-");
    try {
      await chmod(folder, 0o755);
      await writeFile(`${folder}/file`, "seen");
      const command = shell(`cat ${folder}/file; echo x > ${folder}/file || echo refused; ls /tmp`);
      const { stdout } = await sandbox.run({ command, readOnly: [folder] });
      expect(stdout.toString()).toBe(`seenrefused\n${folder.slice(5)}\n`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  test("large input and output pass unharmed", async () => {
    const text = "0123456789abcdef".repeat(100_000);
    expect((await sandbox.run({ command: ["/bin/cat"], stdin: text })).stdout.toString() === text).toBe(true);
  });
  test("standard input is a file, which /dev/stdin opens again", async () => {
    const { stdout } = await sandbox.run({ command: shell("cat /dev/stdin > /dev/stdout"), stdin: "again" });
    expect(stdout.toString()).toBe("again");
  });
  test("CPU time of children counts, also where nobody waits for them", async () => {
    const burn = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
    const alone = await sandbox.run({ command: shell("true") });
    const outcome = await sandbox.run({ command: shell(`(${burn}) & (${burn}); wait`) });
    expect(outcome.cpuMs).toBeGreaterThan(5 * alone.cpuMs);
  });
  test.each([
    ["cpu-limit", "while :; do :; done", { cpuMs: 200 }],
    ["idle-limit", "sleep 100", { idleMs: 300 }],
    ["wall-limit", "while :; do :; done", { wallMs: 400 }],
    ["output-limit", "cat /dev/zero", { outputBytes: 1000 }],
    ["memory-limit", "x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done", { memoryBytes: 32 * 2 ** 20 }],
  ] as const)("%s", async (status, script, limits) => {
    const outcome = await sandbox.run({ command: shell(script), limits });
    expect(outcome.status).toBe(status);
    if (status === "output-limit") expect(outcome.stdout.length).toBe(1000);
  });
  test("a signal has its name", async () => {
    expect(await sandbox.run({ command: shell("kill -SEGV $$") })).toMatchObject({
      status: "signaled",
      signal: "SIGSEGV",
    });
  });
  test("a program that is not there is the caller's fault, with its name", async () => {
    await expect(sandbox.run({ command: ["/usr/bin/no-such-program"] })).rejects.toThrow(
      "start /usr/bin/no-such-program",
    );
  });
  test("pipes: a talk, and the end that the caller makes", async () => {
    const program = await sandbox.start({ command: shell('read x; echo "got $x"; read y; exit 5') });
    const answer = new Promise<string>((resolve) => program.stdout.once("data", (chunk) => resolve(String(chunk))));
    program.stdin.write("one\n");
    expect(await answer).toBe("got one\n");
    program.stdin.end();
    expect(await program.outcome).toMatchObject({ status: "exited", exitCode: 5 });
  });
  test("kill ends a program and still tells how it was", async () => {
    const program = await sandbox.start({ command: shell("echo ready; sleep 100") });
    await new Promise((resolve) => program.stdout.once("data", resolve));
    program.kill();
    expect((await program.outcome).status).toBe("wall-limit");
  });
  test.skipIf(!hasPython)("the escape suite: every program is contained, and the host is as before", async () => {
    const results = await runEscapeSuite(sandbox, { workers: 3 });
    expect(results.filter(({ contained }) => !contained)).toEqual([]);
    expect(results.length).toBeGreaterThan(40);
  });
});
