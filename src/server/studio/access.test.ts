/** Who the studio answers: its own pages, on this machine, of this start; and which files it gives away. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { openRun } from "../../core/run.ts";
import { type TestStudio, testStudio } from "./studio.fixtures.ts";

/** The cookie that the printed address is exchanged for. */
async function openSession({ address }: TestStudio): Promise<string> {
  const response = await fetch(address, { redirect: "manual" });
  expect(response.status).toBe(302);
  return response.headers.get("set-cookie")!.split(";")[0]!;
}

/** fetch refuses to send a Host or a path with dots as it stands. */
function raw(
  studio: TestStudio,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: string }> {
  const { port } = new URL(studio.url);
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path, headers }, (response) => {
      let body = "";
      response.on("data", (piece) => {
        body += piece;
      });
      response.on("end", () => resolve({ status: response.statusCode!, body }));
    });
    sent.on("error", reject).end();
  });
}

suite("the studio's door", () => {
  test("a visitor without the token learns where it is, and gets no page", async () => {
    const studio = await testStudio();
    const response = await fetch(`${studio.url}/runs`);
    const page = await response.text();
    expect([response.status, page.includes("the studio"), page.includes(studio.token)]).toEqual([401, false, false]);
    expect(page).toContain("polymath studio");
    expect((await fetch(`${studio.url}/?token=guess`)).status).toBe(401);
  });

  test("the printed address opens a session for this browser alone, and the token leaves the address", async () => {
    const studio = await testStudio();
    const response = await fetch(studio.address, { redirect: "manual" });
    expect(response.headers.get("location")).toBe("/");
    expect(response.headers.get("set-cookie")).toMatch(/HttpOnly.*SameSite=Strict/);
    const page = await fetch(`${studio.url}/claims`, { headers: { Cookie: await openSession(studio) } });
    expect(await page.text()).toContain(`<meta name="polymath-token" content="${studio.token}">`);
    expect(page.headers.get("content-security-policy")).toContain("connect-src 'self'");
  });

  test("a session outlives a restart, a token does not", async () => {
    const first = await testStudio();
    const cookie = await openSession(first);
    const second = await testStudio({ keyFolder: join(first.root, "..", "key") });
    const page = await (await fetch(second.url, { headers: { Cookie: cookie } })).text();
    expect(page).toContain(second.token);
    const refused = await second.post("runs.list", {}, { "X-Polymath-Token": first.token });
    expect([refused.status, ((await refused.json()) as any).error.code]).toEqual([401, "token_refused"]);
  });

  test("calls want the token, also from a browser with a session", async () => {
    const studio = await testStudio();
    const cookie = await openSession(studio);
    const status = async (headers: Record<string, string>) => (await studio.post("runs.list", {}, headers)).status;
    expect(await status({ "X-Polymath-Token": "", Cookie: cookie })).toBe(401);
    expect(await status({})).toBe(200);
  });

  test("other origins and other host names are refused", async () => {
    const studio = await testStudio();
    const own = new URL(studio.url).origin;
    const status = async (origin: string) => (await studio.post("runs.list", {}, { Origin: origin })).status;
    expect(await status(own)).toBe(200);
    expect(await status("https://example.com")).toBe(403);
    expect(await status("http://127.0.0.1:1")).toBe(403); // another program of this machine serves pages, too
    expect((await raw(studio, "/", { Host: "example.com" })).status).toBe(403);
  });

  test("wrong calls are named", async () => {
    const studio = await testStudio();
    const unknown = await studio.post("runs.delete", {});
    expect([unknown.status, ((await unknown.json()) as any).error.message]).toEqual([
      404,
      expect.stringContaining("runs.delete"),
    ]);
    const wrong = await studio.post("runs.list", { limit: "many" });
    expect([wrong.status, ((await wrong.json()) as any).error.message]).toEqual([
      400,
      expect.stringMatching(/^runs\.list: limit: expected .*"many"/),
    ]);
    expect((await studio.post("__proto__", {})).status).toBe(404);
  });
});

suite("files of runs", () => {
  async function withRun() {
    const studio = await testStudio();
    const run = await openRun({ command: "make", root: studio.root });
    writeFileSync(run.path("deep/picture.svg"), "<svg/>");
    writeFileSync(join(studio.root, "secret.txt"), "secret");
    await run.finish();
    const headers = { Cookie: await openSession(studio), Host: new URL(studio.url).host };
    return { studio, run, headers, get: (path: string) => raw(studio, path, headers) };
  }

  test("are given with a session, sandboxed, and without one not", async () => {
    const { studio, run, headers, get } = await withRun();
    expect(await get(`/files/${run.id}/deep/picture.svg`)).toEqual({ status: 200, body: "<svg/>" });
    const response = await fetch(`${studio.url}/files/${run.id}/deep/picture.svg`, {
      headers: { Cookie: headers.Cookie },
    });
    expect(response.headers.get("content-security-policy")).toMatch(/^sandbox;/);
    expect((await fetch(`${studio.url}/files/${run.id}/deep/picture.svg`)).status).toBe(401);
  });

  test("outside of the run's folder there are none", async () => {
    const { studio, run, get } = await withRun();
    symlinkSync(join(studio.root, "secret.txt"), run.path("link.txt"));
    mkdirSync(join(studio.root, "not-a-run"));
    writeFileSync(join(studio.root, "not-a-run", "file.txt"), "secret");
    const attempts = [
      `/files/${run.id}/../secret.txt`,
      `/files/${run.id}/..%2fsecret.txt`,
      `/files/${run.id}/deep/..%2f..%2fsecret.txt`,
      `/files/${run.id}/%2e%2e/secret.txt`,
      `/files/${run.id}/%2e%2e%2fsecret.txt`,
      `/files/${run.id}/..%5csecret.txt`,
      `/files/${run.id}//etc/passwd`,
      `/files/${run.id}/%2fetc%2fpasswd`,
      `/files/${run.id}/link.txt`,
      `/files/${run.id}/deep`,
      `/files/${run.id}/picture%00.svg`,
      "/files/not-a-run/file.txt",
      "/files/..%2f/secret.txt",
      "/assets/..%2findex.html",
      "/assets/../../secret.txt",
    ];
    for (const path of attempts) {
      const { status, body } = await get(path);
      expect([
        path,
        status >= 400 || body.includes("the studio"),
        body.includes("secret"),
        body.includes("root:"),
      ]).toEqual([path, true, false, false]);
    }
  });

  test("a call cannot name a file outside either", async () => {
    const { studio, run } = await withRun();
    for (const file of ["../secret.txt", "/etc/passwd", "../../x/trace.jsonl", "link.jsonl"]) {
      await expect(studio.call("certaindex.programs", { run: run.id, file })).rejects.toThrow("has no file");
    }
  });
});
