/** Every page of the studio over runs that the commands made, at both widths, with what a person does there. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, suite, test } from "vitest";
import { findChromium, launchChromium } from "../src/browser/index.ts";
import {
  dropFile,
  expectSound,
  openPage,
  type StudioProcess,
  startStudioProcess,
  type Width,
} from "./studio.fixtures.ts";
import {
  makeCertaindex,
  makeCodeElo,
  makeHuatuo,
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
let browser: Browser;
let studio: StudioProcess;

suite.skipIf(isMissing)("the studio over real runs", () => {
  beforeAll(async () => {
    world = openWorld(folder);
    await runIn(world, ["overthinking", "analyze", tracesFile(world)]);
    await makeCodeElo(world);
    huatuo = await makeHuatuo(world);
    await makeCertaindex(world);
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
    await page.getByLabel("From").selectOption({ index: 1 }); // the run that stopped early, with a shadow
    await page.locator(".choice", { hasText: "settled" }).first().click();
    await page.getByText(/Stopped after 5 units: settled/).waitFor();
    await page.getByText("The full run says").waitFor();
    await page.getByRole("img", { name: "How settled the answer was" }).waitFor();
    const rows = Number(/The (\d+) rows/.exec(await page.getByText(/rows of the trace/).innerText())![1]);
    expect(rows).toBeGreaterThan(20); // arrive, grants, twenty requests, twenty steps, stop, finish
    await expectSound(page, `certaindex-${width}`);
    await page.getByRole("tab", { name: "Load" }).click();
    await page.getByRole("img", { name: "Programs from arrival to end" }).waitFor();
    await expectSound(page, `certaindex-load-${width}`);
    await page.getByRole("tab", { name: "Policy" }).click();
    await page.getByText("Tokens saved").first().waitFor();
    const strict = Number((await figure(page, "Tokens saved")).replace(" %", ""));
    await page.getByRole("slider").fill("0");
    await expect
      .poll(async () => Number((await figure(page, "Tokens saved")).replace(" %", "")))
      .toBeGreaterThan(strict);
    await expectSound(page, `certaindex-policy-${width}`);
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
