/** What the studio's tests share: a studio over a folder of their own, with pages that say only their name. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { CallInput, CallName, CallReply } from "./contract.ts";
import { type RunningStudio, type StudioOptions, startStudio } from "./studio.ts";

export interface TestStudio extends RunningStudio {
  /** Folder of the runs. */
  root: string;
  post(name: string, input: unknown, headers?: Record<string, string>): Promise<Response>;
  /** A call as the pages make it. @throws Error with the studio's message */
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallReply<Name>>;
}

/** Closed, and its folder deleted, when the test ends. */
export async function testStudio(options: Partial<StudioOptions> = {}): Promise<TestStudio> {
  const folder = mkdtempSync(join(tmpdir(), "studio-"));
  const [root, appFolder] = [options.root ?? join(folder, "runs"), join(folder, "app")];
  mkdirSync(root, { recursive: true });
  mkdirSync(join(appFolder, "assets"), { recursive: true });
  writeFileSync(join(appFolder, "index.html"), "<!doctype html><html><head></head><body>the studio</body></html>");
  writeFileSync(join(appFolder, "assets", "main-1.js"), "console.log(1)");
  const studio = await startStudio({ port: 0, appFolder, keyFolder: join(folder, "key"), ...options, root });
  onTestFinished(async () => {
    await studio.close();
    rmSync(folder, { recursive: true });
  });
  const post = (name: string, input: unknown, headers: Record<string, string> = {}) =>
    fetch(`${studio.url}/api/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Polymath-Token": studio.token, ...headers },
      body: JSON.stringify(input),
    });
  return {
    ...studio,
    root,
    post,
    async call(name, input) {
      const response = await post(name, input);
      const body = await response.json();
      if (!response.ok) throw new Error((body as { error: { message: string } }).error.message);
      return body as never;
    },
  };
}
