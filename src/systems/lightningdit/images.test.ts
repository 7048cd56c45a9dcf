import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { openImages } from "./images.ts";

const silent = { progress: () => ({ update() {}, stop() {} }) };
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-images-"));
  for (const name of ["a", "b"]) {
    await mkdir(join(dir, "set", name), { recursive: true });
    for (let i = 0; i < 10; i++)
      await sharp({
        create: { width: 4, height: 4, channels: 3, background: { r: name === "a" ? 10 : 200, g: i, b: 0 } },
      })
        .png()
        .toFile(join(dir, "set", name, `${i}.png`));
  }
});
afterAll(() => rm(dir, { recursive: true }));

suite("openImages", () => {
  const open = (count: number, holdout: number) =>
    openImages({ source: join(dir, "set"), side: 4, count, holdout, seed: 1, folder: join(dir, "packed") }, silent);
  const contents = async (set: { count: number; read(i: number): unknown }) =>
    Promise.all(
      Array.from({ length: set.count }, async (_, i) => String(((await set.read(i)) as Uint8Array).slice(0, 2))),
    );

  test("holds out the same fifth, whatever is asked for", async () => {
    const [few, many] = [await open(100, 2), await open(5, 100)];
    expect([few.train.count, few.validation.count, many.train.count, many.validation.count]).toEqual([16, 2, 5, 4]);
    const [trained, measured] = [await contents(few.train), await contents(many.validation)];
    expect(trained.filter((picture) => measured.includes(picture))).toEqual([]);
    expect(measured.slice(0, 2)).toEqual(await contents(few.validation));
    expect(few.train.labels[0]).toBe(trained[0]!.startsWith("10,") ? 0 : 1);
    await few.close();
    await many.close();
  });

  test("without a source: marks of the size asked for", async () => {
    const { train, validation, rejected } = await openImages(
      { side: 16, count: 5, holdout: 3, seed: 0, folder: dir },
      silent,
    );
    expect([train.count, validation.count, train.side, rejected]).toEqual([5, 3, 16, 0]);
  });
});
