/** Pictures in memory: decoded by sharp to 8-bit RGB whatever they were, and written as PNG. */
import sharp from "sharp";
import { writeFileAtomic } from "../core/atomic.ts";
import { DataError } from "../core/errors.ts";

export interface RgbImage {
  width: number;
  height: number;
  /** Row by row, three bytes a pixel: [height, width, 3], sRGB. */
  data: Uint8Array<ArrayBuffer>;
}

export interface DecodeOptions {
  /** What becomes of an animation: its first frame (default), or an error. */
  animated?: "first" | "reject";
}

/**
 * Decodes a picture of any kind that sharp reads. It is turned as its EXIF orientation says; CMYK, grey and 16-bit
 * pictures become 8-bit sRGB; transparency is dropped, as PIL's `convert("RGB")` does.
 * @param source a path, or the bytes of a file
 * @param name for messages; default the path
 * @throws DataError when it cannot be read whole: damaged, cut short, no picture at all
 */
export async function decodeImage(
  source: string | Uint8Array,
  { animated = "first", name = typeof source === "string" ? source : "image" }: DecodeOptions & { name?: string } = {},
): Promise<RgbImage> {
  try {
    const picture = sharp(source, { failOn: "warning" });
    const { pages = 1 } = await picture.metadata();
    if (pages > 1 && animated === "reject")
      throw new DataError(`${name}: is an animation of ${pages} frames`, {
        hint: "Take its frames apart, or allow the first one.",
      });
    const { data, info } = await picture
      .autoOrient()
      .toColourspace("srgb")
      .removeAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    if (channels !== 3) throw new Error(`decoded to ${channels} channels instead of 3`);
    return { width, height, data: Uint8Array.from(data) };
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`${name}: cannot be decoded: ${firstLine((cause as Error).message)}`, {
      cause,
      hint: "Open it in a viewer: a cut or damaged file has to be fetched again, another kind converted to PNG or JPEG.",
    });
  }
}

/** @returns the bytes of a PNG file; equal pictures give equal bytes */
export async function encodePng({ width, height, data }: RgbImage): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Writes a PNG, whole or not at all. */
export async function writePng(file: string, image: RgbImage): Promise<void> {
  await writeFileAtomic(file, await encodePng(image));
}

function firstLine(text: string): string {
  return text.split("\n")[0]!;
}
