/** Every page of the studio over runs that the commands made, at both widths, with what a person does there. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, suite, test } from "vitest";
import { findChromium, launchChromium } from "../src/browser/index.ts";
import { openRun } from "../src/core/run.ts";
import {
  dropFile,
  expectSound,
  openPage,
  type StudioProcess,
  startStudioProcess,
  type Width,
} from "./studio.fixtures.ts";
import {
  type CertaindexRuns,
  idOf,
  makeCertaindex,
  makeCodeElo,
  makeHuatuo,
  makeLightningDit,
  openWorld,
  runIn,
  tracesFile,
  type World,
} from "./studio-world.fixtures.ts";

const isMissing = !(await findChromium().catch(() => undefined));
if (isMissing) console.info("studio: there is no Chromium, so its pages are not tested");

const folder = mkdtempSync(join(tmpdir(), "studio-world-"));
const both = ["wide", "narrow"] as const satisfies Width[];
let world: World;
let huatuo: Awaited<ReturnType<typeof makeHuatuo>>;
let certaindex: CertaindexRuns;
let lightningdit: Awaited<ReturnType<typeof makeLightningDit>>;
let browser: Browser;
let studio: StudioProcess;

suite.skipIf(isMissing)("the studio over real runs", () => {
  beforeAll(async () => {
    world = openWorld(folder);
    await runIn(world, ["overthinking", "analyze", tracesFile(world)]);
    await makeCodeElo(world);
    huatuo = await makeHuatuo(world);
    certaindex = await makeCertaindex(world);
    lightningdit = await makeLightningDit(world);
    [browser, studio] = await Promise.all([launchChromium(), startStudioProcess(world.runs)]);
  }, 900_000);
  afterAll(async () => {
    await Promise.all([browser?.close(), studio?.kill()]);
    rmSync(folder, { recursive: true });
  });
  const open = async (path: string, width: Width = "wide", scheme: "light" | "dark" = "light") => {
    const opened = await openPage(browser, studio, { width, scheme });
    onTestFinished(async () => {
      expect(opened.problems).toEqual([]);
      await opened.context.close();
    });
    await opened.page.goto(`${studio.url}${path}`);
    return opened.page;
  };
  /** What a card of figures shows. */
  const figure = (page: Page, label: string) =>
    page
      .locator(".card", { has: page.getByText(label, { exact: true }) })
      .locator(".card-value")
      .innerText();

  test.each(both)("overthinking: a dropped file, its price, and cuts made by hand (%s)", async (width) => {
    const page = await open("/overthinking", width);
    await page.getByText("Drop a file of responses here").waitFor();
    await dropFile(page, "traces.jsonl", readFileSync(tracesFile(world), "utf8"));
    await page.getByText("12 traces, 0 rows left out").waitFor();
    await page.getByLabel("Price of a million").fill("1000000");
    await page.getByText("Spent on them").waitFor();
    expect(Number(await figure(page, "Spent on them"))).toBeGreaterThan(1);
    await page.getByRole("img", { name: "Efficiency by level" }).waitFor();
    await expectSound(page, `overthinking-${width}`);

    await page.getByText("As in the file").click();
    await page.locator(".trace-row", { hasText: "What is 13 + 32?" }).click();
    await page.getByText("What is 13 + 32?").last().waitFor();
    const [before, tracesBefore] = [
      await figure(page, "Outcome efficiency"),
      await figure(page, "Solutions per trace"),
    ];
    await page.getByRole("button", { name: "Cut by hand" }).click();
    await page.getByRole("button", { name: "Join solutions 1 and 2" }).click();
    await page.getByText("cut by hand").first().waitFor();
    expect(await figure(page, "Outcome efficiency")).not.toBe(before);
    expect(Number(await figure(page, "Solutions per trace"))).toBeLessThan(Number(tracesBefore));
    await expectSound(page, `overthinking-cut-${width}`);
    await page.getByRole("button", { name: "Back to the first cuts" }).click();
    await expect.poll(() => figure(page, "Outcome efficiency")).toBe(before);
  });

  test("overthinking: of 500 traces one is cut by hand, and the figures of all follow", async () => {
    const page = await open("/overthinking");
    await page.getByText("Drop a file of responses here").waitFor();
    await dropFile(page, "many.jsonl", readFileSync(tracesFile(world, 500), "utf8"));
    await page.getByText("500 traces, 0 rows left out").waitFor();
    const before = await figure(page, "Solutions per trace");
    await page.getByText("As in the file").click();
    await page.locator(".trace-row", { hasText: "What is 12 + 30?" }).click();
    await page.getByRole("button", { name: "Cut by hand" }).click();
    await page.getByRole("button", { name: "Join solutions 1 and 2" }).click();
    // Every other trace has three solutions, the rest two: one fewer in 500.
    expect(before).toBe("2.5");
    await expect.poll(() => figure(page, "Solutions per trace")).toBe("2.498");
    await page.locator(".trace-row", { hasText: "cut by hand" }).waitFor();
  });

  test("overthinking: an unusable file is named with its fault, and nothing of it stays", async () => {
    const page = await open("/overthinking");
    await page.getByText("Drop a file of responses here").waitFor();
    await dropFile(page, "bad.jsonl", '{"question": 1}\n');
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").innerText()).toMatch(/bad\.jsonl line 1/);
  });

  test.each(both)("codeelo: the board, the failures, and a program judged (%s)", async (width) => {
    const page = await open("/codeelo", width);
    await page.getByRole("rowheader", { name: /^strong/ }).waitFor();
    const names = await page.getByRole("rowheader").allInnerTexts();
    expect(names.map((name) => name.split(" ")[0])).toEqual(["strong", "weak"]); // the better one first
    await expectSound(page, `codeelo-${width}`);
    await page.getByRole("tab", { name: "Contests" }).click();
    await page.getByRole("cell", { name: "1985 Round 1985" }).waitFor();
    await expectSound(page, `codeelo-contests-${width}`);
    await page.getByRole("tab", { name: "Tags" }).click();
    await page.getByRole("rowheader", { name: "strings" }).waitFor();
    await expectSound(page, `codeelo-tags-${width}`);
    await page.getByRole("tab", { name: "Failures" }).click();
    await page.getByLabel("Model").selectOption({ index: 1 });
    await page.getByLabel("Verdict").selectOption("WRONG_ANSWER");
    await page.getByText("First failing test").waitFor();
    await page.getByText("It printed").waitFor();
    await expectSound(page, `codeelo-failures-${width}`);
    await page.getByRole("tab", { name: "Judge a program" }).click();
    await page.getByLabel("Language").selectOption("python");
    await page.getByLabel("Program", { exact: true }).fill("print('nothing of use')");
    await page.getByRole("button", { name: "Judge it" }).click();
    await page.locator(".judgement h2", { hasText: "wrong answer" }).waitFor({ timeout: 120_000 });
    await expectSound(page, `codeelo-judge-${width}`);
  });

  test.each(both)("huatuogpt-o1: a whole search, and a verdict overturned (%s)", async (width) => {
    const page = await open("/huatuogpt-o1", width);
    await page.getByLabel("Run").selectOption({ index: 0 });
    await page
      .locator(".choice", { hasText: /[3-9] steps/ })
      .first()
      .click();
    await page.getByRole("heading", { name: "First chain" }).first().waitFor();
    await page.getByText("Verifier: wrong").first().waitFor();
    await expectSound(page, `huatuo-${width}`);
    const accepted = page.locator(".step", { hasText: "Verifier: right" });
    await accepted.getByRole("button", { name: "wrong" }).click();
    await page.getByText("overturned").waitFor();
    await page.getByText("The verifier beside people").waitFor();
    expect(await figure(page, "Wrongly accepted / rejected")).toBe("1 / 0");
    const stored = readFileSync(join(huatuo.search, "overturned.jsonl"), "utf8").trim().split("\n").at(-1)!;
    expect(JSON.parse(stored)).toMatchObject({ verifier: true, person: false });
    await page.reload();
    expect(await figure(page, "Wrongly accepted / rejected")).toBe("1 / 0");
    await page
      .locator(".choice", { hasText: /[3-9] steps/ })
      .first()
      .click();
    await accepted.getByRole("button", { name: "wrong" }).click(); // taken back
    await page.getByText("Say of some conclusions").waitFor();
    await page.getByRole("tab", { name: "Left out" }).click();
    await page
      .getByText(/check-merged/)
      .first()
      .waitFor();
    await expectSound(page, `huatuo-rejects-${width}`);
  });

  test.each(both)("certaindex: a program that settled, the load, and any policy (%s)", async (width) => {
    const page = await open("/certaindex", width);
    await page.getByRole("combobox", { name: /^From/ }).selectOption(`${idOf(certaindex.solved)}/trace.jsonl`);
    await page.locator(".choice", { hasText: "settled" }).first().click();
    await page.getByText(/Stopped after 5 units: settled/).waitFor();
    await page.getByText("The full run says").waitFor();
    await page.getByRole("img", { name: "How settled the answer was" }).waitFor();
    const rows = Number(/The (\d+) rows/.exec(await page.getByText(/rows of the trace/).innerText())![1]);
    expect(rows).toBeGreaterThan(20); // arrive, grants, twenty requests, twenty steps, stop, finish
    await expectSound(page, `certaindex-${width}`);
    await page.getByRole("tab", { name: "Load" }).click();
    await page.getByRole("combobox", { name: /^From/ }).selectOption(`${idOf(certaindex.benched)}/fcfs-4.00.jsonl`);
    await page.getByRole("img", { name: "Programs from arrival to end" }).waitFor();
    expect(await figure(page, "Programs")).toBe("6");
    expect(await page.locator(".timeline rect").count()).toBe(6);
    await page.getByRole("heading", { name: "Programs under way" }).waitFor();
    await expectSound(page, `certaindex-load-${width}`);
    await page.getByRole("tab", { name: "Policy" }).click();
    const saved = async () => Number((await page.locator(".card-value").first().innerText()).replace(" %", ""));
    await page.getByText("Tokens saved").first().waitFor();
    const strict = await saved();
    await page.getByRole("slider").fill("0");
    await expect.poll(saved).toBeGreaterThan(strict);
    const calibrated = page.getByRole("region", { name: "Calibrated policies, on these recordings" });
    await calibrated.getByText(/Calibrated on 8 questions, .* \(allowed: 50 %\)/).waitFor();
    await calibrated.getByRole("link", { name: idOf(certaindex.calibrated) }).waitFor();
    await calibrated.getByText("Questions lost").waitFor();
    await expectSound(page, `certaindex-policy-${width}`);
  });

  test("certaindex: a program is followed while it thinks, without loading the page again", async () => {
    const rows = readFileSync(join(certaindex.solved, "trace.jsonl"), "utf8").trim().split("\n");
    const events = rows.map((row) => JSON.parse(row) as { kind: string; program: string; step?: { knob: number } });
    const { program } = events.find(({ kind }) => kind === "stop")!;
    const own = rows.filter((_, index) => events[index]!.program === program);
    const steps = own.flatMap((row, index) => (JSON.parse(row).kind === "certaindex" ? [index] : []));
    const run = await openRun({ command: "certaindex solve", options: { count: 1 }, root: world.runs });
    let written = 0;
    const writeTo = (end: number) => {
      appendFileSync(
        run.path("trace.jsonl"),
        own
          .slice(written, end)
          .map((row) => `${row}\n`)
          .join(""),
      );
      written = end;
    };
    writeTo(steps[1]! + 1);
    const page = await open("/certaindex");
    await page.evaluate(() => document.documentElement.setAttribute("data-loaded", "once"));
    await page.getByRole("combobox", { name: /^From/ }).selectOption(`${run.id}/trace.jsonl`);
    await page.getByText("Still thinking, after 2 units").waitFor();
    writeTo(steps[3]! + 1);
    await page.getByText("Still thinking, after 4 units").waitFor();
    writeTo(own.length);
    await page.getByText(/Stopped after \d+ units/).waitFor();
    expect(await page.evaluate(() => document.documentElement.getAttribute("data-loaded"))).toBe("once");
    await run.finish();
  });

  test.each(both)("lightningdit: pictures are drawn, again the same, and the way back to noise (%s)", async (width) => {
    const page = await open("/lightningdit", width);
    await page.getByLabel("Generator").selectOption("runs/mine/generator");
    await page.getByText("Pictures of 16 pixels from 4 channels on a grid of 4 × 4").waitFor();
    await page.getByRole("combobox", { name: /^Class/ }).selectOption("3");
    await page.getByLabel("First seed").fill("7");
    await page.getByLabel("Pictures", { exact: true }).fill("3");
    await page.keyboard.press("Enter");
    const done = page.getByText("The same choices give the same pictures again.");
    await done.waitFor({ timeout: 120_000 });
    const sources = () =>
      page.locator(".drawn img").evaluateAll((all) => all.map((one) => (one as HTMLImageElement).src));
    const first = await sources();
    expect(new Set(first).size).toBe(3);
    await page.getByRole("img", { name: "Class 3, seed 9" }).waitFor();
    expect(
      await page
        .locator(".drawn img")
        .first()
        .evaluate((one: HTMLImageElement) => one.naturalWidth),
    ).toBe(16);
    await expectSound(page, `lightningdit-${width}`);
    await page.getByRole("slider").fill("0");
    await page.locator('.drawn[data-step="0"]').waitFor();
    expect(await sources()).not.toEqual(first);
    await page.getByRole("button", { name: "Draw" }).click();
    await done.waitFor();
    await page.locator('.drawn[data-step="50"]').waitFor();
    expect(await sources()).toEqual(first);
  });

  test("lightningdit: the generator that ships draws a sheet of pictures", async () => {
    const page = await open("/lightningdit");
    await page.getByLabel("Generator").selectOption("models/marks/generator");
    await page.getByLabel("Pictures", { exact: true }).fill("12");
    await page.getByRole("button", { name: "Draw" }).click();
    await page.getByText("The same choices give the same pictures again.").waitFor({ timeout: 120_000 });
    expect(await page.locator(".drawn img").count()).toBe(12);
    await expectSound(page, "lightningdit-marks-wide");
  });

  test("lightningdit: a drawing is stopped, a damaged generator is named, and the next one is drawn", async () => {
    const page = await open("/lightningdit");
    await page.getByLabel("Generator").selectOption("runs/mine/generator");
    await page.getByLabel("Steps").fill("250");
    await page.getByLabel("Pictures", { exact: true }).fill("12");
    await page.getByRole("button", { name: "Draw" }).click();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText(/You stopped it at step \d+\./).waitFor();
    await page.getByLabel("Steps").fill("2");
    await page.getByLabel("Generator").selectOption("runs/broken/generator");
    await page.getByRole("button", { name: "Draw" }).click();
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").innerText()).toMatch(/is not the file that card\.json describes/);
    await page.getByLabel("Generator").selectOption("runs/mine/generator");
    await page.getByRole("button", { name: "Draw" }).click();
    await page.getByText("The same choices give the same pictures again.").waitFor();
    await page.getByLabel("Steps").fill("0");
    await page.keyboard.press("Enter"); // the browser says what is wrong; nothing is drawn
    expect(await page.getByLabel("Steps").evaluate((field: HTMLInputElement) => field.validity.valid)).toBe(false);
  });

  test.each(both)(
    "lightningdit: the frontier's points with their pictures, and the latents' health (%s)",
    async (width) => {
      const page = await open("/lightningdit", width);
      await page.getByRole("tab", { name: "Frontier" }).click();
      const points = page.getByRole("group", { name: "Reconstruction against generation" }).getByRole("button");
      await points.first().waitFor();
      expect(await points.count()).toBe(2);
      await page.getByRole("heading", { name: "d4, not aligned, seed 0" }).waitFor();
      await points.nth(1).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "d8, aligned, seed 0" }).waitFor();
      await page.getByRole("img", { name: /^Samples/ }).scrollIntoViewIfNeeded();
      const shown = (name: RegExp) =>
        page
          .getByRole("img", { name })
          .evaluate((one: HTMLImageElement) => [one.src.split("/").at(-1), one.naturalWidth > 0]);
      await expect.poll(() => shown(/^Samples/)).toEqual(["samples-6.png", true]);
      await expect.poll(() => shown(/^Reconstructions/)).toEqual(["reconstructions.png", true]);
      await page.getByText("3 steps", { exact: true }).click();
      await expect.poll(() => shown(/^Samples/)).toEqual(["samples-3.png", true]);
      await page.getByRole("button", { name: "d4 not aligned" }).click();
      await page.getByRole("heading", { name: "d4, not aligned, seed 0" }).waitFor();
      await page.evaluate(() => window.scrollTo(0, 0));
      await expectSound(page, `lightningdit-frontier-${width}`);
      await page.getByRole("tab", { name: "Latent health" }).click();
      await page.getByRole("heading", { name: "Latents of d4, not aligned, seed 0" }).waitFor();
      expect(await page.locator(".health-row").count()).toBe(8);
      const measure = (name: string) => page.locator(`[data-measure="${name}"]`);
      expect(await measure("dead").innerText()).toMatch(/0 \/ 4[\s\S]*good/);
      expect(await measure("probe").innerText()).toMatch(/\d+ %[\s\S]*outside/); // after six steps nobody tells classes apart
      await page.getByLabel("Tokenizer").selectOption("frontier/seed-0/d8-aligned");
      await page.getByRole("heading", { name: "Latents of d8, aligned, seed 0" }).waitFor();
      await expectSound(page, `lightningdit-health-${width}`);
      if (width === "wide") {
        await page.getByText("中文").click();
        await page.getByRole("heading", { name: "d8，已对齐，种子 0 的潜变量" }).waitFor();
        await expectSound(page, "lightningdit-chinese");
      }
    },
  );

  test("a run's pictures are shown among its files", async () => {
    const page = await open(`/runs/${idOf(lightningdit.frontier)}`);
    await page.getByRole("tab", { name: "Files" }).click();
    const picture = page.getByRole("img", { name: "frontier/seed-0/d4-unaligned/reconstructions.png" });
    await picture.scrollIntoViewIfNeeded();
    await expect.poll(() => picture.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBeGreaterThan(16);
  });

  test("the first page is ready to be used; how soon is printed", async () => {
    const { page, context, problems } = await openPage(browser, studio);
    await page.getByRole("link", { name: "lightningdit frontier" }).first().waitFor();
    const readyMs = await page.evaluate(() => performance.now());
    await page.getByLabel("Search").fill("overthinking");
    await page.getByRole("link", { name: "overthinking analyze" }).waitFor();
    const bytes = await page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .filter(({ name }) => name.endsWith(".js"))
        .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
    );
    expect(problems).toEqual([]);
    expect(bytes).toBeGreaterThan(0);
    console.info(
      `studio: from the address to a list that can be searched ${Math.round(readyMs)} ms, ${Math.round(bytes / 1024)} KB of scripts`,
    );
    await context.close();
  });

  test.each(both)("ask: thinking apart, where it would have stopped, what the full run said (%s)", async (width) => {
    const page = await open("/ask", width, "dark");
    await page.getByLabel("Question").fill("17 + 25 + 38");
    await page.keyboard.press("Enter");
    await page.getByText("Saved by stopping").waitFor({ timeout: 120_000 });
    expect(await page.locator(".comparison").innerText()).toMatch(
      /Stopped after \d+ tokens\s+80[\s\S]*The full run, \d+ tokens\s+80[\s\S]*yes/,
    );
    await expectSound(page, `ask-${width}`);
    await page.getByLabel("Stop it as soon as").check();
    await page.getByLabel("Question").fill("2 + 3 + 4");
    await page.keyboard.press("Enter");
    await page.getByText(/what the full run would have said is not known/).waitFor({ timeout: 120_000 });
    await page.getByLabel("Question").fill("Who are you?");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
  });

  test.each(both)("claims: every system, and one started from the page (%s)", async (width) => {
    const page = await open("/claims", width);
    await page.getByRole("heading", { name: "codeelo", level: 2 }).waitFor();
    await page.getByText("The report of a full measurement is kept in this clone: docs/claims/codeelo.md").waitFor();
    await expectSound(page, `claims-${width}`);
    if (width === "narrow") return;
    const claim = page.getByRole("region", { name: "codeelo" });
    await claim.getByRole("button", { name: "Measure, quickly" }).click();
    await claim.getByText("Started: polymath claim codeelo --quick --seed 0").waitFor();
    await claim.getByText("Being measured").waitFor({ timeout: 60_000 });
    const run = readdirSync(world.runs).find((name) => name.includes("-claim-"))!;
    process.kill(JSON.parse(readFileSync(join(world.runs, run, "lock"), "utf8")).pid, "SIGKILL");
    await claim.getByText("Being measured").waitFor({ state: "detached" });
  });
});
