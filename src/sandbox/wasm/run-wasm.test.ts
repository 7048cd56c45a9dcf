import { expect, suite, test } from "vitest";
import { runWasm } from "./run-wasm.ts";

const limits = { cpuMs: 1000, memoryBytes: 32 * 2 ** 20, outputBytes: 10_000 };
const run = (source: string, stdin = "", change: Partial<typeof limits> = {}) =>
  runWasm("javascript", source, { stdin, limits: { ...limits, ...change } });

suite("JavaScript in WebAssembly", () => {
  test("the usual ways of reading and printing", async () => {
    const outcome = await run(
      'const [a, b] = require("fs").readFileSync(0, "utf8").split(" ").map(Number); console.log(a + b, "x"); print(readline()); process.stdout.write("end"); process.exit(3);',
      "1 2\n",
    );
    expect([outcome.status, outcome.exitCode, outcome.stdout.toString()]).toEqual(["exited", 3, "3 x\n1 2\nend"]);
  });
  test.each([
    ["memory-limit", 'const a = []; for (;;) a.push("x".repeat(100000) + a.length);'],
    ["output-limit", 'for (;;) { try { console.log("spam spam spam"); } catch {} }'],
  ])("%s", async (status, source) => expect((await run(source)).status).toBe(status));
  test("an exception is the program's fault, with its words", async () => {
    const outcome = await run("undefinedName + 1");
    expect([outcome.exitCode, outcome.stderr.toString()]).toEqual([
      1,
      "ReferenceError: 'undefinedName' is not defined",
    ]);
  });
  test("nothing of Node is in reach", async () => {
    const probes = [
      "typeof fetch",
      "typeof WebAssembly",
      "typeof importScripts",
      "typeof globalThis.process",
      "typeof setTimeout",
    ];
    const outcome = await run(
      `console.log(${probes.join(", ")}); try { require("net"); } catch (e) { console.log(e.message); } try { console.log(typeof Function("return process.binding")()); } catch (e) { console.log("refused"); }`,
    );
    expect(outcome.stdout.toString()).toBe(
      "undefined undefined undefined undefined undefined\nthere is no module net here\nundefined\n",
    );
  });
});

test("a missing interpreter names the command that adds it", async () => {
  const isThere = await import(String("pyodide")).then(
    () => true,
    () => false,
  );
  const outcome = runWasm("python", "print(int(input()) + 1)", { stdin: "4\n", limits });
  if (isThere) expect((await outcome).stdout.toString()).toBe("5\n");
  else
    await expect(outcome).rejects.toMatchObject({
      code: "MISSING",
      hint: expect.stringContaining("npm install --save-exact pyodide@"),
    });
});
