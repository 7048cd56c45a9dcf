/** The studio as people meet it: the command as a process, its pages in a real Chromium at two widths. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";
import { root } from "./fixtures.ts";

export interface StudioProcess {
  /** With the token. */
  address: string;
  url: string;
  child: ChildProcess;
  kill(): Promise<void>;
}

/** Starts `polymath studio` over a folder of runs. @param port 0 takes a free one */
export async function startStudioProcess(runs: string, port = 0): Promise<StudioProcess> {
  const words = ["studio", "--port", String(port), "--no-open", "--json"];
  const child = spawn(process.execPath, [join(root, "bin", "polymath.mjs"), ...words], {
    cwd: join(runs, ".."),
    env: { ...process.env, POLYMATH_RUNS: runs },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  const { address, url } = JSON.parse(line.toString()) as { address: string; url: string };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { address, url, child, kill };
}

export const widths = { wide: { width: 1280, height: 860 }, narrow: { width: 390, height: 844 } } as const;
export type Width = keyof typeof widths;

/** A page of its own that has the studio's session; what goes wrong in it ends up in `problems`. */
export async function openPage(
  browser: Browser,
  { address }: Pick<StudioProcess, "address">,
  { width = "wide", scheme = "light" }: { width?: Width; scheme?: "light" | "dark" } = {},
): Promise<{ page: Page; context: BrowserContext; problems: string[] }> {
  const context = await browser.newContext({ viewport: widths[width], colorScheme: scheme });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const problems: string[] = [];
  page.on("pageerror", ({ message }) => problems.push(message));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource|ERR_CONNECTION/.test(message.text()))
      problems.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).hostname !== "127.0.0.1") {
      problems.push(`asked ${request.url()}`);
    }
  });
  await page.goto(address);
  return { page, context, problems };
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** No serious fault of accessibility, nothing wider than the screen; keeps a picture. */
export async function expectSound(page: Page, name: string): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect([name, Math.max(0, overflow)]).toEqual([name, 0]);
  const violations = (await page.evaluate(`(async () => {
    if (!window.axe) { const module = {}; ${axeSource} }
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | "));
  })()`)) as string[];
  expect([name, violations]).toEqual([name, []]);
  const shots = join(root, "studio", "shots");
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`) });
}

/** Drops a file on the page, as from the desktop. */
export async function dropFile(page: Page, name: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, content]) => {
      const data = new DataTransfer();
      data.items.add(new File([content!], fileName!));
      return data;
    },
    [name, text],
  );
  await page.dispatchEvent("main", "drop", { dataTransfer: transfer });
}
