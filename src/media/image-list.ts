/** Where labelled pictures are: a folder with one subfolder per class, or a table of paths and labels. */
import { readdir, stat } from "node:fs/promises";
import { dirname, extname, isAbsolute, join, relative } from "node:path";
import { z } from "zod";
import { readCsv } from "../core/csv.ts";
import { DataError } from "../core/errors.ts";

export interface ImageEntry {
  path: string;
  /** As in the folder or table, for messages. */
  name: string;
  /** Index into `classNames`. */
  label: number;
}

export interface ImageList {
  entries: ImageEntry[];
  classNames: string[];
}

const extensions = new Set([
  ".png",
  ".jpg",
  ".jpeg",
  ".webp",
  ".gif",
  ".tif",
  ".tiff",
  ".avif",
  ".bmp",
  ".heic",
  ".jp2",
]);

const LabelRow = z.object({
  path: z.string().min(1).describe("a path, relative to the table"),
  label: z.union([z.number(), z.string().min(1)]).describe("the class, by name or number"),
});

/**
 * @param source a folder (classes are its subfolders in alphabetical order, as torchvision counts them; without any, all
 *   pictures are one class) or a .csv/.tsv with the columns path and label
 * @throws DataError when there is nothing, or a class is empty
 */
export async function listImages(source: string): Promise<ImageList> {
  const info = await stat(source).catch(() => null);
  if (!info)
    throw new DataError(`${source}: no such file or folder`, {
      hint: "Give a folder of pictures or a CSV of path and label.",
    });
  return info.isDirectory() ? listFolder(source) : listTable(source);
}

async function listFolder(root: string): Promise<ImageList> {
  const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const classNames = folders.map(({ name }) => name).sort();
  if (classNames.length === 0) {
    const entries = await picturesIn(root, root, 0);
    if (entries.length === 0)
      throw new DataError(`${root}: holds no pictures`, { hint: `Known kinds: ${[...extensions].join(" ")}` });
    return { entries, classNames: ["all"] };
  }
  const entries: ImageEntry[] = [];
  for (const [label, name] of classNames.entries()) {
    const found = await picturesIn(join(root, name), root, label);
    if (found.length === 0)
      throw new DataError(`${root}: class "${name}" has no pictures`, { hint: "Remove the empty folder, or fill it." });
    entries.push(...found);
  }
  return { entries, classNames };
}

async function picturesIn(folder: string, root: string, label: number): Promise<ImageEntry[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => extensions.has(extname(name).toLowerCase()))
    .sort()
    .map((name) => ({ path: join(folder, name), name: relative(root, join(folder, name)), label }));
}

async function listTable(file: string): Promise<ImageList> {
  const rows: { path: string; label: number | string }[] = [];
  for await (const row of readCsv(file, LabelRow)) rows.push(row);
  const labels = new Set(rows.map(({ label }) => label));
  const areNumbers = [...labels].every((label) => /^\d+$/.test(String(label)));
  const classNames = areNumbers ? numberedClasses(file, [...labels].map(Number)) : [...labels].map(String).sort();
  const entries = rows.map(({ path, label }) => ({
    path: isAbsolute(path) ? path : join(dirname(file), path),
    name: path,
    label: areNumbers ? Number(label) : classNames.indexOf(String(label)),
  }));
  return { entries, classNames };
}

/** Numbers are kept as they are, so every number up to the largest has to occur. */
function numberedClasses(file: string, labels: number[]): string[] {
  const count = Math.max(...labels) + 1;
  const used = new Set(labels);
  const names = Array.from({ length: count }, (_, label) => String(label));
  const missing = names.filter((_, label) => !used.has(label));
  if (missing.length === 0) return names;
  throw new DataError(
    `${file}: label: ${missing.length} of ${count} classes have no picture, the first is ${missing[0]}`,
    {
      hint: "Number the classes from 0 without gaps, or write their names.",
    },
  );
}
