/** Pictures in and out: odd kinds of files made with sharp, and numbers worked out by hand. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { centreCrop } from "./centre-crop.ts";
import { imageGrid } from "./grid.ts";
import { decodeImage, encodePng, type RgbImage, writePng } from "./image.ts";
import { listImages } from "./image-list.ts";
import { imageSetOf, packImages, readSigned } from "./image-set.ts";
import { fromSigned, toSigned } from "./pixels.ts";
import { resample } from "./resample.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "polymath-media-"));
});
afterAll(() => rm(dir, { recursive: true }));

const flat = (width: number, height: number, [r, g, b]: readonly [number, number, number]) =>
  sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
const gray = (values: number[][]): RgbImage => ({
  width: values[0]!.length,
  height: values.length,
  data: Uint8Array.from(values.flat().flatMap((value) => [value, value, value])),
});
const red = (image: RgbImage) =>
  Array.from({ length: image.height }, (_, y) =>
    Array.from({ length: image.width }, (_, x) => image.data[3 * (y * image.width + x)]!),
  );

suite("decodeImage", () => {
  test("turns a picture as its EXIF orientation says", async () => {
    const upright = await sharp(gray([[10, 200]]).data, { raw: { width: 2, height: 1, channels: 3 } })
      .png()
      .toBuffer();
    const turned = await sharp(upright).withMetadata({ orientation: 6 }).png().toBuffer(); // a quarter clockwise
    const image = await decodeImage(turned);
    expect([image.width, image.height, red(image)]).toEqual([1, 2, [[10], [200]]]);
  });

  test("grey, 16-bit, transparent and CMYK pictures become 8-bit RGB", async () => {
    const grey = await flat(3, 2, [90, 90, 90]).greyscale().png().toBuffer();
    expect((await decodeImage(grey)).data).toEqual(new Uint8Array(18).fill(90));
    const deep = await flat(3, 2, [255, 128, 0]).toColourspace("rgb16").png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe("ushort");
    expect([...(await decodeImage(deep)).data.slice(0, 3)]).toEqual([255, 128, 0]);
    const clear = await sharp({
      create: { width: 1, height: 1, channels: 4, background: { r: 7, g: 8, b: 9, alpha: 0.5 } },
    })
      .png()
      .toBuffer();
    expect([...(await decodeImage(clear)).data]).toEqual([7, 8, 9]);
    const cmyk = await flat(8, 8, [200, 30, 30]).toColourspace("cmyk").jpeg().toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe("cmyk");
    const [r, g] = (await decodeImage(cmyk)).data;
    expect(r! - g!).toBeGreaterThan(80);
  });

  test("of an animation takes the first frame, or refuses it", async () => {
    const frames = Buffer.concat([
      await flat(4, 4, [255, 0, 0]).raw().toBuffer(),
      await flat(4, 4, [0, 0, 255]).raw().toBuffer(),
    ]);
    const gif = await sharp(frames, { raw: { width: 4, height: 8, channels: 3, pageHeight: 4 } })
      .gif({ loop: 0, delay: [100, 100] })
      .toBuffer();
    const image = await decodeImage(gif);
    expect([image.width, image.height, [...image.data.slice(0, 3)]]).toEqual([4, 4, [255, 0, 0]]);
    await expect(decodeImage(gif, { animated: "reject", name: "a.gif" })).rejects.toThrow(
      "a.gif: is an animation of 2 frames",
    );
  });

  test("names what is damaged, cut short or no picture", async () => {
    const whole = await flat(64, 64, [1, 2, 3]).jpeg().toBuffer();
    const cut = join(dir, "cut.jpg");
    await writeFile(cut, whole.subarray(0, whole.length - 40));
    await expect(decodeImage(cut)).rejects.toThrow(`${cut}: cannot be decoded`);
    await expect(decodeImage(Buffer.from("no picture"), { name: "x.png" })).rejects.toMatchObject({
      code: "DATA",
      message: expect.stringContaining("x.png"),
    });
    await expect(decodeImage(join(dir, "absent.png"))).rejects.toThrow("absent.png: cannot be decoded");
  });

  test("what was written as PNG is read back", async () => {
    const image = gray([[0, 100], [200, 255]]); // biome-ignore format: a picture
    const file = join(dir, "there/and/back.png");
    await writePng(file, image);
    expect(await decodeImage(file)).toEqual(image);
    expect(await encodePng(image)).toEqual(await encodePng(image));
  });
});

suite("resample", () => {
  test("box halves by means, rounded after each direction", () => {
    expect(red(resample(gray([[0, 10, 20, 40], [20, 30, 60, 80]]), 2, 1, "box"))).toEqual([[15, 50]]); // biome-ignore format: a picture
    expect(
      red(
        resample(
          gray([
            [0, 1],
            [0, 0],
          ]),
          1,
          1,
          "box",
        ),
      ),
    ).toEqual([[1]]); // (0 + 1) / 2 rounds up, then again
  });

  test("box of an odd width: the middle pixel counts for the window that its centre lies in", () => {
    // Windows of 1.5 pixels around 0.75 and 2.25: pixel centres 0.5 and 1.5 less the centre are -1/6 and 1/2 windows.
    expect(red(resample(gray([[0, 90, 200]]), 2, 1, "box"))).toEqual([[45, 200]]);
  });

  test("bicubic doubling: weights (-3, 29, 111, -9) / 128 and their mirror, cut at the edges", () => {
    // Position 1.25 between pixels 0 … 3: distances 1.25, 0.25, 0.75 and 1.75.
    const row = [0, 0, 255, 0, 0];
    const doubled = red(resample(gray([row]), 10, 1, "bicubic"))[0]!;
    const weight = (d: number) => (d < 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2);
    expect(doubled[4]).toBe(Math.round(255 * weight(0.25)));
    expect(doubled[3]).toBe(Math.round(255 * weight(0.75)));
    expect(doubled[1]).toBe(0); // -0.0234 · 255, cut at black
    expect(doubled).toEqual(doubled.toReversed());
  });

  test("bilinear shrinking widens the kernel", () => {
    // Weights of a triangle of half width 2 around 1 and 3: (0.75, 0.75, 0.25, …) normalised.
    expect(red(resample(gray([[0, 0, 0, 140]]), 2, 1, "bilinear"))).toEqual([[0, 60]]);
  });
});

suite("centreCrop", () => {
  test("halves while it can, then scales, then cuts the middle", () => {
    const wide = gray(Array.from({ length: 8 }, () => Array.from({ length: 16 }, (_, x) => (x < 8 ? 40 : 200))));
    const crop = centreCrop(wide, 4); // 16x8 to 8x4, then columns 2 to 5
    expect(red(crop)).toEqual(Array(4).fill([40, 40, 200, 200]));
  });

  test("small pictures are refused, or enlarged as ADM does", () => {
    const small = gray([[50, 50], [50, 50], [50, 50]]); // biome-ignore format: a picture
    expect(() => centreCrop(small, 4, { name: "s.png" })).toThrow("s.png: is 2x3, smaller than the crop of 4x4");
    const enlarged = centreCrop(small, 4, { small: "enlarge" });
    expect([enlarged.width, enlarged.height, ...new Set(enlarged.data)]).toEqual([4, 4, 50]);
  });
});

suite("pixels", () => {
  test("bytes to [-1, 1] and back keep every value", () => {
    const bytes = Uint8Array.from({ length: 768 }, (_, i) => i % 256);
    const values = new Float32Array(768);
    toSigned(bytes, values);
    expect([values[0], Math.max(...values), Math.min(...values)]).toEqual([-1, 1, -1]);
    expect(fromSigned(values, 16).data).toEqual(bytes);
  });

  test("channels first, beyond the range cut, 127.5 x + 128 truncated", () => {
    const { data } = fromSigned(Float32Array.of(0, 1, 2, -2, 0.004, -0.004), 2, 1);
    expect([...data]).toEqual([128, 255, 128, 255, 0, 127]);
  });
});

test("imageGrid: row by row, white between and in empty places", () => {
  const grid = imageGrid([gray([[1]]), gray([[2]]), gray([[3]])], 2, 1);
  expect(red(grid)).toEqual([[1, 255, 2], [255, 255, 255], [3, 255, 255]]); // biome-ignore format: a picture
  expect(() => imageGrid([gray([[1]]), gray([[1, 2]])], 2)).toThrow("pictures of 1x1 and 2x1");
});

suite("listImages", () => {
  test("classes are subfolders in alphabetical order", async () => {
    const root = join(dir, "classes");
    for (const path of ["b/2.png", "a/1.JPG", "a/deep/3.png", "a/notes.txt"]) {
      await mkdir(join(root, path, ".."), { recursive: true });
      await writeFile(join(root, path), "");
    }
    const { classNames, entries } = await listImages(root);
    expect(classNames).toEqual(["a", "b"]);
    expect(entries.map(({ name, label }) => [name, label])).toEqual([["a/1.JPG", 0], ["a/deep/3.png", 0], ["b/2.png", 1]]); // biome-ignore format: a table
    await mkdir(join(root, "c"));
    await expect(listImages(root)).rejects.toThrow('class "c" has no pictures');
  });

  test("a table of paths and labels, by name or number", async () => {
    const file = join(dir, "labels.csv");
    await writeFile(file, "path,label\nx/1.png,dog\n/abs/2.png,cat\n");
    expect(await listImages(file)).toEqual({
      classNames: ["cat", "dog"],
      entries: [
        { path: join(dir, "x/1.png"), name: "x/1.png", label: 1 },
        { path: "/abs/2.png", name: "/abs/2.png", label: 0 },
      ],
    });
    await writeFile(file, "path,label\na.png,0\nb.png,2\n");
    await expect(listImages(file)).rejects.toThrow("1 of 3 classes have no picture, the first is 1");
    await expect(listImages(join(dir, "nowhere"))).rejects.toThrow("no such file or folder");
  });
});

suite("packImages", () => {
  const source = () => join(dir, "set");
  beforeAll(async () => {
    for (const [name, shade] of [
      ["dark", 10],
      ["light", 240],
    ] as const) {
      await mkdir(join(source(), name), { recursive: true });
      for (let i = 0; i < 15; i++)
        await flat(9, 8, [shade, i, 0])
          .png()
          .toFile(join(source(), name, `${String(i).padStart(2, "0")}.png`));
    }
  });

  test("crops once, in order, and is read by index", async () => {
    const set = await packImages({ source: source(), side: 4, folder: join(dir, "packed") });
    expect([set.count, set.side, set.rejected, [...set.labels]]).toEqual([
      30,
      4,
      0,
      [...Array(15).fill(0), ...Array(15).fill(1)],
    ]);
    expect([...(await set.read(17)).slice(0, 3)]).toEqual([240, 2, 0]);
    const signed = await readSigned(set, [17, 0]);
    expect(signed).toHaveLength(2 * 48);
    expect(signed[0]).toBeCloseTo(240 / 127.5 - 1, 6);
    await set.close();
  });

  test("a few bad pictures are listed and left out", async () => {
    await writeFile(join(source(), "dark/99.png"), "broken");
    const folder = join(dir, "packed-with-one-bad");
    const set = await packImages({ source: source(), side: 4, folder });
    expect([set.count, set.rejected]).toEqual([30, 1]);
    expect(JSON.parse(await readFile(join(folder, "rejects.jsonl"), "utf8"))).toMatchObject({
      name: "dark/99.png",
      reason: expect.stringContaining("cannot be decoded"),
    });
    await set.close();
    const again = await packImages({ source: source(), side: 4, folder }); // from the packed file
    expect(again.rejected).toBe(1);
    await again.close();
    await expect(packImages({ source: source(), side: 8, folder })).rejects.toThrow("at 4 pixels, not");
  });

  test("more than one in twenty stops it, and the list says why", async () => {
    await writeFile(join(source(), "light/98.png"), "broken");
    const folder = join(dir, "packed-too-bad");
    await expect(packImages({ source: source(), side: 4, folder })).rejects.toThrow(
      "2 of 32 pictures cannot be used, more than 5 %",
    );
    expect((await readFile(join(folder, "rejects.jsonl"), "utf8")).trim().split("\n")).toHaveLength(2);
    await expect(packImages({ source: source(), side: 12, folder, maxRejects: 1 })).rejects.toThrow(
      'no picture of class "dark" can be used',
    );
  });

  test("a set in memory reads alike", () => {
    const set = imageSetOf(Uint8Array.of(1, 2, 3, 4, 5, 6), {
      side: 1,
      labels: Int32Array.of(0, 0),
      classNames: ["all"],
    });
    expect(set.read(1)).toEqual(Uint8Array.of(4, 5, 6));
  });
});
