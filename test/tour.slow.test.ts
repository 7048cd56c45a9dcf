/** The whole tour as a person starts it without a terminal, the studio at its end, and Ctrl-C. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, suite, test } from "vitest";
import { findChromium, launchChromium } from "../src/browser/index.ts";
import { stops } from "../src/cli/tour/stops.ts";
import { root } from "./fixtures.ts";
import { expectSound, openPage } from "./studio.fixtures.ts";

const cwd = mkdtempSync(join(tmpdir(), "polymath-tour-"));
const runs = join(cwd, "runs");
afterAll(() => rmSync(cwd, { recursive: true }));

/** Starts the tour; `until` waits for what it says on stdout. */
function startTour(words: readonly string[]) {
  const child = spawn(process.execPath, [join(root, "bin", "polymath.mjs"), "tour", ...words], {
    cwd,
    env: { ...process.env, POLYMATH_RUNS: runs, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [said, told] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (text) => (told += text));
  child.stdout.setEncoding("utf8").on("data", (text) => (said += text));
  const until = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = pattern.exec(said);
      if (found) return found[1]!;
      if (child.exitCode !== null) throw new Error(`the tour ended with ${child.exitCode}:\n${said}\n${told}`);
      await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
    }
  };
  return { child, until, said: () => said };
}

suite("polymath tour", () => {
  test("--no-open: five rows, the studio with the report behind the printed address, an end by Ctrl-C", async () => {
    const tour = startTour(["--no-open"]);
    const url = await tour.until(/^studio at (http:\/\/127\.0\.0\.1:\d+)$/m);
    const address = await tour.until(/^this report: (\S+)$/m);
    expect(address.startsWith(`${url}/runs/`)).toBe(true);
    for (const { system } of stops) expect(tour.said()).toMatch(new RegExp(`^[✓–]  ${system} `, "m"));

    const door = await fetch(address, { redirect: "manual" });
    const cookie = door.headers.get("set-cookie")!.split(";")[0]!;
    const page = await fetch(new URL(door.headers.get("location")!, url), { headers: { cookie } });
    expect([door.status, page.status]).toEqual([302, 200]);
    expect(await page.text()).toContain("polymath-token");
    expect((await fetch(url)).status).toBe(401); // for who has not the address

    if (await findChromium().catch(() => undefined)) {
      const browser = await launchChromium();
      const { page: shown, problems } = await openPage(browser, { address });
      await shown.getByRole("heading", { name: "What the systems did" }).waitFor();
      for (const { system } of stops) await shown.getByRole("cell", { name: system, exact: true }).first().waitFor();
      await expectSound(shown, "tour-wide");
      await shown.getByText("中文").click();
      await shown.getByRole("tab", { name: "报告" }).waitFor();
      await expectSound(shown, "tour-chinese");
      expect(problems).toEqual([]);
      await browser.close();
    }

    tour.child.kill("SIGINT");
    expect(await once(tour.child, "exit")).toEqual([0, null]);
    const [run] = readdirSync(runs);
    const { status, command } = JSON.parse(readFileSync(join(runs, run!, "run.json"), "utf8"));
    expect({ status, command }).toEqual({ status: "finished", command: "tour" });
  });
  test("Ctrl-C on the way ends it, and the run can be resumed", async () => {
    const { child } = startTour(["codeelo", "--no-serve"]);
    let told = "";
    child.stderr.on("data", (text) => (told += text));
    while (!told.includes("1/1 codeelo")) await once(child.stderr, "data");
    child.kill("SIGINT");
    const [code] = await once(child, "exit");
    expect([code, told]).toEqual([130, expect.stringContaining("polymath resume")]);
  });
});
