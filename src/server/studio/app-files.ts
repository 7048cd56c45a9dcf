/** The built web application, held in memory: a page that gets the start token, and files named by their content. */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";

export interface AppFile {
  bytes: Uint8Array<ArrayBuffer>;
  gzipped: Uint8Array<ArrayBuffer>;
  contentType: string;
}

export interface AppFiles {
  /** index.html with the token in it. */
  page(token: string): string;
  /** By path from the root, as "/assets/main-a1b2.js". */
  file(path: string): AppFile | undefined;
}

const types: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

/** @param folder with index.html and assets/ */
export function readAppFiles(folder: string): AppFiles {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  const files = new Map<string, AppFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const contentType = types[extname(entry.name)];
    if (!entry.isFile() || !contentType) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = new Uint8Array(readFileSync(path));
    files.set(`/${relative(folder, path).replaceAll(sep, "/")}`, {
      bytes,
      gzipped: new Uint8Array(gzipSync(bytes)),
      contentType,
    });
  }
  return {
    page: (token) => html.replace("</head>", `<meta name="polymath-token" content="${token}"></head>`),
    file: (path) => files.get(path),
  };
}
