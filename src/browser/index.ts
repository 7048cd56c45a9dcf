/** Floor 1: Chromium, found on the machine or in a package, and driven by Playwright. */
export { type ChromiumPlace, findChromium, launchChromium } from "./launch.ts";
