/** The command line from outside: a process with arguments in, text and an exit code out. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { polymath as polymathIn, saveBabbler } from "./fixtures.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "polymath-"));
  await saveBabbler(join(folder, "models", "reasoner"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const polymath = (words: string[], options = {}) => polymathIn(words, { cwd: folder, ...options });

suite("polymath", () => {
  test("help lists every command without loading an engine", () => {
    const spy = `import { registerHooks } from "node:module";
      registerHooks({ load: (url, context, next) => {
        if (/@jax-js|onnxruntime|tokenizers/.test(url)) process.stderr.write("loaded " + url);
        return next(url, context);
      } });`;
    const nodeArgs = ["--import", `data:text/javascript,${encodeURIComponent(spy)}`];
    const { status, stdout, stderr } = polymath(["--help"], { nodeArgs });
    expect([status, stderr]).toEqual([0, ""]);
    for (const name of ["tour", "ask", "serve", "doctor", "models", "runs", "resume", "train"]) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    }
    expect(polymath([]).stdout).toBe(stdout);
  });
  test.each(["ask", "serve", "doctor", "models", "runs", "resume", "tour", "train reasoner"])(
    "%s --help ends with examples",
    (name) => {
      const { status, stdout } = polymath([...name.split(" "), "--help"]);
      expect(status).toBe(0);
      expect(stdout).toContain("--json");
      expect(stdout).toContain(`Examples:\n  polymath ${name}`);
      expect(polymath(["help", ...name.split(" ")]).stdout).toBe(stdout);
    },
  );
  test.each([
    [["dcotor"], "unknown command 'dcotor'\n  Did you mean doctor?"],
    [["train", "raesoner"], "unknown command 'raesoner'\n  Did you mean reasoner?"],
    [["runs", "--limt", "3"], "unknown option '--limt'\n  Did you mean --limit?"],
    [["runs", "--limit", "many"], '--limit: expected a whole number of at least 1, got "many"'],
    [["resume"], "missing required argument 'run'"],
    [["resume", "nosuch"], 'No run "nosuch"'],
    [["ask", "--model", "nosuch", "hello"], "nosuch is no model folder: it has no config.json"],
    [["ask"], "There is no question"],
    [["ask", "what is 6 times 7?"], 'It cannot do "times"'],
  ])("%j is bad usage", (words, message) => {
    const { status, stdout, stderr } = polymath(words);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toContain("    at "); // no stack
    expect([status, stdout]).toEqual([2, ""]);
  });
  test("a stack is there for those who want it", () => {
    expect(polymath(["resume", "nosuch"], { env: { POLYMATH_DEBUG: "1" } }).stderr).toContain("    at ");
  });
  test("doctor finds a device that computes, and names the way to what is missing", () => {
    const { status, stdout } = polymath(["doctor", "--json"]);
    expect(status).toBe(0);
    const { findings } = JSON.parse(stdout);
    expect(findings.find(({ name }: { name: string }) => name === "wasm").gigaflops).toBeGreaterThan(0.1);
    for (const { ok, name, get } of findings) expect(ok || get, name).toBeTruthy();
  });
  test("runs and models of an empty folder", () => {
    expect(polymath(["runs", "--json"])).toEqual({ status: 0, stdout: "[]\n", stderr: "" });
    expect(polymath(["runs"]).stdout).toContain("No runs yet");
    expect(polymath(["models"], { env: { POLYMATH_MODELS: "nowhere" } }).stdout).toContain("polymath train reasoner");
  });
});

suite("polymath with a model that only babbles", () => {
  const env = { POLYMATH_MODELS: "models" };
  test("models shows its size and origin", () => {
    const [model] = JSON.parse(polymath(["models", "--json"], { env }).stdout);
    expect(model).toMatchObject({ name: "reasoner", family: "llama", rebuild: "polymath train reasoner" });
    expect(model.parameterCount).toBeGreaterThan(1000);
    expect(polymath(["models"], { env }).stdout).toMatch(/^reasoner {2}llama /m);
  });
  test("ask streams to a person and reports to a machine; unquoted words and pipes are questions", () => {
    const outcomes = [
      polymath(["ask", "what", "is", "17", "plus", "25"], { env }),
      polymath(["ask"], { env, input: "17 + 25\n" }),
    ];
    const { status, stdout } = polymath(["ask", "--json", "17+25"], { env });
    const answer = JSON.parse(stdout);
    expect(Object.keys(answer)).toEqual(
      expect.arrayContaining(["answer", "thinking", "solutions", "tokens", "tokensPerSecond", "model"]),
    );
    expect(answer.tokens).toBeGreaterThan(0);
    expect(status).toBe(answer.answer === null ? 1 : 0);
    for (const outcome of outcomes) {
      expect(outcome.status).toBe(status);
      expect(outcome.stderr).toMatch(/\d+ tokens, \d+ tokens\/s, reasoner/);
    }
    expect(outcomes[0]!.stdout).toBe(outcomes[1]!.stdout); // greedy: the same twice
  });
  test("ask --model goes on with any text of the model's vocabulary", () => {
    const words = ["ask", "--model", "models/reasoner", "--max-tokens", "5", "--json", "1+1="];
    const { status, stdout } = polymath(words);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ tokens: 5, finished: false, model: "reasoner" });
  });
  test("the tour writes its report, and fails because the model cannot add", () => {
    const { status, stdout, stderr } = polymath(["tour", "overthinking", "--json"], { env });
    const { passed, stops, report } = JSON.parse(stdout);
    expect([status, passed]).toEqual([1, false]);
    expect(stops[0].figures[0]).toMatchObject({ label: "right answers", measured: "0 %" });
    expect(stderr).toContain("✓ Node");
    const [run] = JSON.parse(polymath(["runs", "--json"]).stdout);
    expect(run).toMatchObject({ command: "tour", status: "finished" });
    expect(report).toBe(join(run.dir, "report.html"));
  });
});
