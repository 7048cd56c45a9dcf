/** The studio in a browser: what is there at once, that it follows a run, and that it outlives its server. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, suite, test } from "vitest";
import { findChromium, launchChromium } from "../src/browser/index.ts";
import { openRun } from "../src/core/run.ts";
import { root } from "./fixtures.ts";
import { expectSound, openPage, type StudioProcess, startStudioProcess } from "./studio.fixtures.ts";

const isMissing = !(await findChromium().catch(() => undefined));
if (isMissing) console.info("studio: there is no Chromium, so its pages are not tested");

const folder = mkdtempSync(join(tmpdir(), "studio-pages-"));
const runs = join(folder, "runs");
let browser: Browser;
let studio: StudioProcess;

suite.skipIf(isMissing)("the studio's pages", () => {
  beforeAll(async () => {
    const done = await openRun({ command: "train chains", root: runs });
    for (let step = 1; step <= 300; step++) done.metric("loss", 10 * step, 4 / step);
    await done.finish({
      title: "Trained",
      summary: "It learned to add.",
      sections: [{ kind: "metrics", title: "Figures", metrics: [{ label: "accuracy", value: 98, unit: "%" }] }],
    });
    const failed = await openRun({ command: "overthinking metrics", args: ["traces.jsonl"], root: runs });
    await failed.fail(new Error("traces.jsonl: no such file"));
    [browser, studio] = await Promise.all([launchChromium(), startStudioProcess(runs)]);
  });
  afterAll(async () => {
    await Promise.all([browser?.close(), studio?.kill()]);
    rmSync(folder, { recursive: true });
  });
  const open = async (path: string, options: Parameters<typeof openPage>[2] = {}) => {
    const opened = await openPage(browser, studio, options);
    onTestFinished(() => opened.context.close());
    if (path !== "/runs") await opened.page.goto(`${studio.url}${path}`);
    return opened;
  };

  test.each(["wide", "narrow"] as const)("runs are listed, searched and opened (%s)", async (width) => {
    const { page, problems } = await open("/runs", { width });
    await page.getByRole("link", { name: "train chains" }).waitFor();
    await expectSound(page, `runs-${width}`);
    await page.getByLabel("Search").fill("no such");
    await page.getByText("1 of 2 runs").waitFor();
    expect(await page.getByRole("link", { name: "train chains" }).count()).toBe(0);
    await page.getByLabel("Search").fill("chains");
    await page.getByRole("link", { name: "train chains" }).click();
    await page.getByText("It learned to add.").waitFor();
    await expectSound(page, `run-${width}`);
    await page.getByRole("tab", { name: "Metrics" }).click();
    await page.locator('[data-metric="loss"][data-last-step="3000"]').waitFor();
    await expectSound(page, `run-metrics-${width}`);
    expect(problems).toEqual([]);
  });

  test("a run under way is followed: progress, metrics, and its end", async () => {
    const run = await openRun({ command: "train coder", root: runs });
    run.metric("loss", 1, 3);
    run.event("progress", { label: "train coder", done: 3, total: 10, unit: "steps", fields: { loss: 3 } });
    const { page, problems } = await open(`/runs/${run.id}`);
    await page.locator('[data-metric="loss"][data-last-step="1"]').waitFor();
    await page.getByText("3 / 10 steps").first().waitFor();
    run.metric("loss", 2, 2);
    run.event("progress", { label: "train coder", done: 7, total: 10, unit: "steps", fields: { loss: 2 } });
    await page.locator('[data-metric="loss"][data-last-step="2"]').waitFor();
    await page.getByText("7 / 10 steps").first().waitFor();
    await run.finish({ title: "Done", summary: "All ten steps.", sections: [] });
    await page.getByText("finished").waitFor();
    await page.getByRole("tab", { name: "Log" }).click();
    await page.getByText("run-finish").waitFor();
    expect(problems).toEqual([]);
  });

  test("an open page outlives a kill of the studio and its start anew", async () => {
    const { page } = await open("/runs");
    await page.getByRole("link", { name: "train chains" }).waitFor();
    const port = Number(new URL(studio.url).port);
    await studio.kill();
    await page.getByText("The studio does not answer").waitFor();
    studio = await startStudioProcess(runs, port);
    await page.getByText("The studio does not answer").waitFor({ state: "detached" });
    const run = await openRun({ command: "made after the restart", root: runs });
    await page.getByRole("link", { name: "made after the restart" }).waitFor();
    run.interrupt();
  });

  test("two runs are compared", async () => {
    const other = await openRun({ command: "train chains", options: { lr: 0.1 }, root: runs });
    other.metric("loss", 10, 1);
    await other.finish();
    const { page, problems } = await open("/runs");
    await page.getByLabel("Search").fill("chains");
    await page.getByText(/^2 of /).waitFor();
    for (const box of await page.getByRole("checkbox").all()) await box.check();
    await page.getByRole("link", { name: "Compare 2 runs" }).click();
    await page
      .getByRole("rowheader", { name: "lr" })
      .or(page.getByRole("cell", { name: "lr", exact: true }))
      .waitFor();
    await page.locator('[data-metric="loss"]').waitFor();
    await expectSound(page, "compare-wide");
    expect(problems).toEqual([]);
  });

  test("where nothing was measured yet, the page says what measures it", async () => {
    const { page, problems } = await open("/lightningdit");
    await page.getByRole("tab", { name: "Frontier" }).click();
    await page.getByText("No frontier has been measured yet").waitFor();
    await page.getByText("polymath lightningdit frontier --quick").waitFor();
    expect(problems).toEqual([]);
  });

  test("by keyboard and in Chinese, in the dark", async () => {
    const { page, problems } = await open("/runs", { scheme: "dark" });
    await page.getByRole("link", { name: "train chains" }).first().waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the content");
    await page.getByText("中文").click();
    await page.getByRole("heading", { name: "运行", level: 1 }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("zh-CN");
    await expectSound(page, "runs-dark-chinese");
    expect(problems).toEqual([]);
  });

  test("the script of the first load stays below 300 KB", async () => {
    const assets = join(root, "studio", "dist", "assets");
    const html = readFileSync(join(root, "studio", "dist", "index.html"), "utf8");
    const first = readdirSync(assets).filter((name) => html.includes(name) && name.endsWith(".js"));
    const bytes = first.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0);
    expect(first.length).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(300 * 1024);
  });
});
