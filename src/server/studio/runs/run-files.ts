/** Files of a run: which there are, and reading one. Nothing outside the run's folder is ever read, links included. */
import { createReadStream } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { Readable } from "node:stream";
import { ApiError } from "../../api-error.ts";
import type { Artifact } from "./contract.ts";

/** Caches and databases have thousands of files that nobody looks at one by one. */
const hidden = new Set(["cache", "database", "judge"]);
const maxArtifacts = 500;
const maxDepth = 4;

/** The run's own files are shown elsewhere on its page. */
const own = new Set(["run.json", "events.jsonl", "lock"]);

const types: Record<string, [contentType: string, kind: Artifact["kind"]]> = {
  ".png": ["image/png", "image"],
  ".jpg": ["image/jpeg", "image"],
  ".jpeg": ["image/jpeg", "image"],
  ".webp": ["image/webp", "image"],
  ".gif": ["image/gif", "image"],
  ".svg": ["image/svg+xml", "image"],
  ".html": ["text/html; charset=utf-8", "page"],
  ".json": ["application/json; charset=utf-8", "text"],
  ".jsonl": ["text/plain; charset=utf-8", "text"],
  ".csv": ["text/plain; charset=utf-8", "text"],
  ".txt": ["text/plain; charset=utf-8", "text"],
  ".md": ["text/plain; charset=utf-8", "text"],
};

const typeOf = (path: string) => types[extname(path).toLowerCase()] ?? ["application/octet-stream", "data"];

export async function listArtifacts(dir: string): Promise<{ artifacts: Artifact[]; cut: boolean }> {
  const artifacts: Artifact[] = [];
  async function walk(folder: string, depth: number): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (artifacts.length > maxArtifacts) return;
      const path = join(folder, entry.name);
      if (entry.isDirectory() && depth < maxDepth && !hidden.has(entry.name)) await walk(path, depth + 1);
      if (!entry.isFile() || (depth === 0 && own.has(entry.name))) continue;
      const { size } = await stat(path).catch(() => ({ size: 0 }));
      artifacts.push({ path: relative(dir, path).replaceAll(sep, "/"), bytes: size, kind: typeOf(path)[1] });
    }
  }
  await walk(dir, 0);
  return { artifacts: artifacts.slice(0, maxArtifacts), cut: artifacts.length > maxArtifacts };
}

/** Pages and drawings of a run are shown without scripts and without a network, whatever is in them. */
const policy =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'";

/** @throws ApiError 404 for what is no file inside the folder */
export async function sendRunFile(dir: string, path: string): Promise<Response> {
  const file = await insideOf(dir, path);
  const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
  if (!file || !found?.isFile()) throw new ApiError(404, "file_not_found", "The run has no such file");
  return new Response(Readable.toWeb(createReadStream(file)) as ReadableStream, {
    headers: {
      "Content-Type": typeOf(file)[0],
      "Content-Length": String(found.size),
      "Content-Security-Policy": policy,
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": "no-store",
    },
  });
}

/** The file's real place, if that lies in the folder's real place: a link that leads out of it does not count. */
export async function insideOf(dir: string, path: string): Promise<string | undefined> {
  if (path.includes("\0")) return undefined;
  const [root, real] = await Promise.all([realpath(dir), realpath(join(dir, path)).catch(() => undefined)]);
  return real?.startsWith(root + sep) ? real : undefined;
}
