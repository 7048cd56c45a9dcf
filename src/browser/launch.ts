/**
 * A Chromium to drive: the machine's own, else the one that comes as a package. Found, not downloaded.
 * POLYMATH_CHROMIUM names another program.
 */
import { existsSync } from "node:fs";
import type { Browser, LaunchOptions } from "playwright-core";
import { MissingError } from "../core/errors.ts";

/** Where systems put it. */
const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

export interface ChromiumPlace {
  program: string;
  /** Arguments that this build needs. */
  args: string[];
  origin: "POLYMATH_CHROMIUM" | "system" | "package";
}

/** @throws MissingError when the machine has none and the package is not installed */
export async function findChromium(): Promise<ChromiumPlace> {
  const named = process.env.POLYMATH_CHROMIUM;
  if (named) {
    if (existsSync(named)) return { program: named, args: [], origin: "POLYMATH_CHROMIUM" };
    throw new MissingError(`POLYMATH_CHROMIUM: there is no ${named}`, {
      hint: "Name the program itself, or unset it.",
    });
  }
  const system = usualPlaces.find((path) => existsSync(path));
  if (system) return { program: system, args: [], origin: "system" };
  const packed = await import("@sparticuz/chromium").then(
    ({ default: chromium }) => chromium,
    () => undefined,
  );
  if (packed) return { program: await packed.executablePath(), args: packed.args, origin: "package" };
  throw new MissingError("There is no Chromium on this machine", {
    hint: "Install it from your system, or run: npm install @sparticuz/chromium",
  });
}

/** @throws MissingError as `findChromium`, and when playwright-core is not installed */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const { program, args } = await findChromium();
  const { chromium } = await import("playwright-core").catch((cause) => {
    throw new MissingError("Driving a browser needs a package that is not installed", {
      hint: "npm install playwright-core",
      cause,
    });
  });
  // Root has no sandbox of Chromium's own; everybody else keeps it.
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ ...options, executablePath: program, args: [...args, ...asRoot, ...(options.args ?? [])] });
}
