/** The service through a client that does what the published one does: walk contests, submit, poll once each. */
import { expect, onTestFinished, suite, test } from "vitest";
import { type Judge, openJudge, Problem, type ServedProblem } from "../../systems/codeelo/index.ts";
import { startService } from "./service.ts";

const sum = Problem.parse({
  id: "1980/A",
  title: "Sum",
  statement: "Two numbers are given.\n\n## Output\n\nPrint their sum.",
  tests: [
    { name: "1", input: "1 2\n", answer: "3\n", isSample: true },
    { name: "2", input: "5 7\n", answer: "12\n" },
  ],
});
const problems: ServedProblem[] = [
  { prob: "1980A", contestId: "1980", problem: sum },
  { prob: "apart", contestId: "0", problem: { ...sum, id: "apart" } },
];

/** Judges by what stands in the program: the contract is tested here, the judge elsewhere. */
function scriptedJudge(delayMs = 0): Judge {
  const judge = async (problem: Problem, { source, language }: { source: string; language: string }) => {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const verdict = source.includes("right") && language === "python" ? "OK" : "WRONG_ANSWER";
    return { problem: problem.id, verdict, tests: [] };
  };
  return { judge } as unknown as Judge;
}

async function serve(options: { judge?: Judge; token?: string; waitMs?: number; maxOpen?: number } = {}) {
  const service = await startService({ problems, judge: scriptedJudge(), port: 0, ...options });
  onTestFinished(() => service.close());
  const headers = { "Content-Type": "application/json", Authorization: options.token ?? "any" };
  const get = async (path: string, init: RequestInit = {}) => fetch(`${service.url}${path}`, { headers, ...init });
  const submit = (prob: string, lang: number, code: string) =>
    get("/submit_code", { method: "POST", body: JSON.stringify({ prob, lang, code, tag: "model" }) });
  return { get, submit, url: service.url };
}
const json = async (response: Promise<Response>): Promise<any> => (await response).json();

suite("the submission service", () => {
  test("a whole run of the published client: contests, statements, submissions, one poll each", async () => {
    const { get, submit } = await serve({ token: "sesame" });
    expect(await (await get("/")).text()).toContain("CodeElo");
    expect((await get("/check_auth")).status).toBe(200);
    expect(await json(get("/get_all_problems?cid=1979&update=True"))).toEqual({ problems: [] });
    const { problems: listed } = await json(get("/get_all_problems?cid=1980&update=True"));
    expect(listed.map(({ prob }: { prob: string }) => prob)).toEqual(["1980A"]);
    const data = JSON.parse(listed[0].json_str);
    expect(data.meta.title).toBe("Sum");
    const sections = data.statement.content.sections.map(({ title, value }: any) => [title, value.content]);
    expect(sections[0][1]).toBe("Time limit: 2 s. Memory limit: 256 MB.\n\nTwo numbers are given.");
    expect(sections[1]).toEqual(["Output", "Print their sum."]);
    expect(sections[2][0]).toBe("Examples");
    expect(sections[2][1]).toContain("1 2");
    expect(sections[2][1]).not.toContain("5 7"); // hidden tests stay hidden
    const right = await json(submit("1980A", 70, "right"));
    const wrong = await json(submit("1980A", 70, "bad"));
    expect(await json(get(`/check_status?submission_id=${right.submission_id}`))).toEqual({ status_canonical: "AC" });
    expect(await json(get(`/check_status?submission_id=${wrong.submission_id}`))).toEqual({ status_canonical: "WA" });
    // What it does when submitting failed: it polls "Error", and must not die of the answer.
    expect(await json(get("/check_status?submission_id=Error"))).toMatchObject({ status_canonical: "UNKNOWN" });
    expect(await json(get("/get_problem?prob=apart"))).toMatchObject({ prob: "apart" });
  });

  test("a language that is not judged is told apart from a wrong answer", async () => {
    const { get, submit } = await serve();
    const { submission_id } = await json(submit("1980A", 75, "fn main() {}"));
    const status = await json(get(`/check_status?submission_id=${submission_id}`));
    expect(status).toEqual({ status_canonical: "LANGUAGE", message: "language 75 is not judged here" });
  });

  test("a poll waits for the judge, asks to come again as often as the client does, and then says so", async () => {
    const { get, submit } = await serve({ judge: scriptedJudge(1000), waitMs: 20 });
    const { submission_id } = await json(submit("1980A", 70, "right"));
    const poll = () => get(`/check_status?submission_id=${submission_id}`);
    for (let attempt = 0; attempt < 3; attempt++) {
      const { status, headers } = await poll();
      expect([status, headers.get("retry-after")]).toEqual([503, "10"]);
    }
    expect(await json(poll())).toEqual({ status_canonical: "PENDING" });
    await expect.poll(() => json(poll()), { timeout: 5000 }).toEqual({ status_canonical: "AC" });
  });

  test("wants the token, bare or as bearer, on every route but the greeting and /health", async () => {
    const { get } = await serve({ token: "sesame" });
    const statusOf = async (path: string, Authorization: string) =>
      (await get(path, { headers: { Authorization } })).status;
    const guarded = [
      "/check_auth",
      "/get_all_problems?cid=0",
      "/get_problem?prob=1980A",
      "/check_status?submission_id=1",
    ];
    for (const path of [...guarded, "/submit_code", "/metrics"]) {
      for (const given of ["", "open", "Bearer open", "sesam"])
        expect([path, await statusOf(path, given)]).toEqual([path, 401]);
    }
    for (const path of ["/", "/health"]) expect([path, await statusOf(path, "")]).toEqual([path, 200]);
    for (const given of ["sesame", "Bearer sesame"]) expect(await statusOf("/metrics", given)).toBe(200);
    expect(await (await get("/metrics")).text()).toContain("/check_auth");
  });

  test("without a token it answers to this machine's programs only", async () => {
    const { get } = await serve();
    expect((await get("/check_auth", { headers: { Origin: "https://example.com" } })).status).toBe(403);
  });

  test("names what is wrong with a request", async () => {
    const { get, submit } = await serve({ judge: scriptedJudge(300), maxOpen: 1 });
    const messageOf = async (response: Promise<Response>) => (await json(response)).error.message;
    expect(await messageOf(submit("7B", 70, "x"))).toContain('There is no problem "7B"');
    expect(await messageOf(get("/get_all_problems"))).toContain("wants ?cid=");
    expect(await messageOf(get("/submit_code", { method: "POST", body: '{"prob":"1980A"}' }))).toContain("lang");
    await submit("1980A", 70, "right");
    const refused = await submit("1980A", 70, "right");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "10"]);
  });
});

test("the real judge behind it (needs python3)", async ({ skip }) => {
  const judge = await openJudge().catch(() => undefined);
  if (!judge) return skip("programs cannot be confined here");
  const { get, submit } = await serve({ judge });
  const program = "a, b = map(int, input().split())\nprint(a + b)\n";
  const { submission_id } = await json(submit("1980A", 70, program));
  const status = await json(get(`/check_status?submission_id=${submission_id}`));
  if (status.status_canonical === "LANGUAGE") return skip("there is no python3");
  expect(status).toEqual({ status_canonical: "AC" });
});
