/** The architecture by its official names and shapes, and its unusual pieces against numbers worked out by hand. */
import { numpy as np } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { array64, onInterpreter, randomRows, toFloat64 } from "../../compute/layers/float64.fixtures.ts";
import { Tensor } from "../../compute/tensor.ts";
import { namedLeaves } from "../../compute/tree.ts";
import { Random } from "../../core/random.ts";
import { type AutoencoderParams, decode, encode, initAutoencoder, samplePosterior } from "./autoencoder.ts";
import { autoencoderConfig, downsampleRatio, latentSide } from "./config.ts";
import { attnBlock, downsample, spreadPatches, stackPatches, upsample } from "./layers.ts";
import { autoencoderFromTensors, autoencoderShapes, officialConfig } from "./state-dict.ts";

const tiny = autoencoderConfig({
  z_channels: 3,
  embed_dim: 2,
  resolution: 8,
  ch: 4,
  ch_mult: [1, 2],
  num_res_blocks: 1,
  attn_resolutions: [4],
  groups: 2,
});

suite("official form", () => {
  const shapes = autoencoderShapes(officialConfig(32));

  test.each<[string, number[]]>([
    ["encoder.conv_in.weight", [128, 3, 3, 3]],
    ["encoder.down.0.block.0.norm1.weight", [128]],
    ["encoder.down.0.downsample.conv.weight", [128, 128, 3, 3]],
    ["encoder.down.2.block.0.nin_shortcut.weight", [256, 128, 1, 1]],
    ["encoder.down.3.downsample.conv.bias", [256]],
    ["encoder.down.4.block.1.conv2.weight", [512, 512, 3, 3]],
    ["encoder.down.4.attn.1.proj_out.weight", [512, 512, 1, 1]],
    ["encoder.mid.attn_1.q.weight", [512, 512, 1, 1]],
    ["encoder.mid.block_2.conv1.bias", [512]],
    ["encoder.norm_out.bias", [512]],
    ["encoder.conv_out.weight", [64, 512, 3, 3]],
    ["quant_conv.weight", [64, 64, 1, 1]],
    ["post_quant_conv.weight", [32, 32, 1, 1]],
    ["decoder.conv_in.weight", [512, 32, 3, 3]],
    ["decoder.up.4.attn.2.k.bias", [512]],
    ["decoder.up.4.upsample.conv.weight", [512, 512, 3, 3]],
    ["decoder.up.3.block.0.nin_shortcut.weight", [256, 512, 1, 1]],
    ["decoder.up.0.block.2.conv2.weight", [128, 128, 3, 3]],
    ["decoder.norm_out.weight", [128]],
    ["decoder.conv_out.weight", [3, 128, 3, 3]],
  ])("%s %j", (name, shape) => expect(shapes.get(name)).toEqual(shape));

  test("the last level keeps its size, levels of one width have no shortcut, attention stands at 16 pixels alone", () => {
    const names = [...shapes.keys()];
    const absent = [
      "encoder.down.4.downsample.conv.weight",
      "decoder.up.0.upsample.conv.weight",
      "encoder.down.1.block.0.nin_shortcut.weight",
      "encoder.down.3.attn.0.q.weight",
      "decoder.up.3.attn.0.q.weight",
    ];
    expect(names.filter((name) => absent.includes(name))).toEqual([]);
    expect([downsampleRatio(officialConfig(16)), latentSide(officialConfig(64))]).toEqual([16, 16]);
  });

  test("counts its parameters level by level", () => {
    const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
    const total = [...shapes.values()].reduce((sum, shape) => sum + product(shape), 0);
    // Summed by hand from section 2.1 of the description: a block of c channels has 2 norms and 2 kernels, and so on.
    const conv = (from: number, to: number, kernel = 9) => from * to * kernel + to;
    const norm = (c: number) => 2 * c;
    const block = (from: number, to: number) =>
      norm(from) + conv(from, to) + norm(to) + conv(to, to) + (from === to ? 0 : conv(from, to, 1));
    const attn = (c: number) => norm(c) + 4 * conv(c, c, 1);
    const mid = 2 * block(512, 512) + attn(512);
    const encoder =
      conv(3, 128) + 4 * block(128, 128) + 2 * conv(128, 128) + block(128, 256) + 3 * block(256, 256) + 2 * conv(256, 256) +
      block(256, 512) + block(512, 512) + 2 * attn(512) + mid + norm(512) + conv(512, 64); // biome-ignore format: one sum
    const decoder =
      conv(32, 512) + mid + 3 * block(512, 512) + 3 * attn(512) + conv(512, 512) + block(512, 256) + 5 * block(256, 256) +
      2 * conv(256, 256) + block(256, 128) + 5 * block(128, 128) + conv(128, 128) + norm(128) + conv(128, 3); // biome-ignore format: one sum
    expect(total).toBe(encoder + decoder + conv(64, 64, 1) + conv(32, 32, 1));
  });
});

suite("pieces", () => {
  test("halving pads one zero at the far end only", () =>
    onInterpreter(() => {
      const kernel = [[[[1, 2, 4], [8, 16, 32], [64, 128, 256]]]]; // biome-ignore format: a kernel
      const ones = array64([[[[1, 1], [1, 1]]]]); // biome-ignore format: a picture
      // The window starts at the first pixel: 1 + 2 + 8 + 16, and the padding adds nothing.
      expect(downsample({ weight: array64(kernel) }, ones)).toBeAllclose([[[[27]]]]);
    }));

  test("doubling repeats pixels before it convolves", () =>
    onInterpreter(() => {
      const centre = [[[[0, 0, 0], [0, 1, 0], [0, 0, 0]]]]; // biome-ignore format: a kernel
      const y = upsample({ weight: array64(centre) }, array64([[[[1, 2], [3, 4]]]])); // biome-ignore format: a picture
      expect(y).toBeAllclose([[[[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]]]); // biome-ignore format: a picture
    }));

  test("attention over places, by loops", () =>
    onInterpreter(() => {
      const channels = 4;
      const [h, w] = [2, 3];
      const x: number[][][][] = randomRows("attention", 2, channels, h, w);
      const kernel = (name: string): number[][] => randomRows(name, channels, channels);
      const conv = (name: string) => ({ weight: array64(kernel(name).map((row) => row.map((value) => [[value]]))), bias: array64(randomRows(`${name} bias`, channels)) }); // biome-ignore format: one line each
      const norm = { weight: array64(Array(channels).fill(1)), bias: array64(Array(channels).fill(0)) };
      const params = { norm, q: conv("q"), k: conv("k"), v: conv("v"), proj_out: conv("proj") };
      const apply = (name: string, vector: number[]) =>
        kernel(name).map((row, o) =>
          row.reduce((sum, value, i) => sum + value * vector[i]!, randomRows(`${name} bias`, channels)[o]),
        );
      const expected = x.map((image) => {
        // two groups of two channels
        const normed = image.map((_, c) => {
          const group = [...image[c & ~1]!.flat(), ...image[c | 1]!.flat()];
          const mean = group.reduce((a, b) => a + b) / group.length;
          const variance = group.reduce((a, b) => a + (b - mean) ** 2, 0) / group.length;
          return image[c]!.map((row) => row.map((value) => (value - mean) / Math.sqrt(variance + 1e-6)));
        });
        const places = Array.from({ length: h * w }, (_, p) =>
          normed.map((plane) => plane[Math.floor(p / w)]![p % w]!),
        );
        const [q, k, v] = ["q", "k", "v"].map((name) => places.map((place) => apply(name, place))) as [
          number[][],
          number[][],
          number[][],
        ];
        const mixed = q.map((query) => {
          const weights = k.map((key) =>
            Math.exp(key.reduce((sum, value, c) => sum + value * query[c]!, 0) / Math.sqrt(channels)),
          );
          const total = weights.reduce((a, b) => a + b);
          return apply(
            "proj",
            v[0]!.map((_, c) => weights.reduce((sum, weight, p) => sum + (weight / total) * v[p]![c]!, 0)),
          );
        });
        return image.map((plane, c) => plane.map((row, i) => row.map((value, j) => value + mixed[i * w + j]![c]!)));
      });
      expect(attnBlock(params, array64(x), 2)).toBeAllclose(expected, { rtol: 1e-8 });
    }));

  test("patches become channels in the order channel, row, column, and go back", () =>
    onInterpreter(() => {
      const x = np.arange(32).reshape([1, 2, 4, 4]);
      const stacked = stackPatches(x.ref, 2);
      expect(stacked.shape).toEqual([1, 8, 2, 2]);
      expect(stacked.ref.slice([], [], 0, 1)).toBeAllclose([[2, 3, 6, 7, 18, 19, 22, 23]]);
      expect(spreadPatches(stacked, 2)).toBeAllclose(x.js());
    }));
});

suite("autoencoder", () => {
  const tensors = initAutoencoder(new Random("tiny"), tiny);
  const params = (): AutoencoderParams => toFloat64(tensors);
  const images = () => array64(randomRows("images", 2, 3, 8, 8));

  test("encodes to a posterior on the latent grid and decodes to pictures", () =>
    onInterpreter(() => {
      const { mean, logvar } = encode(params(), images(), tiny);
      expect([mean.shape, logvar.shape]).toEqual([[2, 2, 4, 4], [2, 2, 4, 4]]); // biome-ignore format: shapes
      expect(decode(params(), mean, tiny).shape).toEqual([2, 3, 8, 8]);
    }));

  test("patches and levels without attention in the middle", () =>
    onInterpreter(() => {
      const config = autoencoderConfig({ ...tiny, patch: 2, mid_attn: false, attn_resolutions: [] });
      const other: AutoencoderParams = toFloat64(initAutoencoder(new Random("patch"), config));
      const { mean } = encode(other, images(), config);
      expect(mean.shape).toEqual([2, 2, 2, 2]);
      expect(decode(other, mean, config).shape).toEqual([2, 3, 8, 8]);
    }));

  test("logvar is cut to [-30, 20], and a sample is mean + exp(logvar / 2) noise", () =>
    onInterpreter(() => {
      const wild = params();
      wild.quant_conv.bias = array64([0, 0, 100, -100]);
      const { logvar } = encode(wild, images(), tiny);
      expect([np.max(logvar.ref).js(), np.min(logvar).js()]).toEqual([20, -30]);
      const z = samplePosterior({ mean: array64([1]), logvar: array64([2 * Math.log(3)]) }, array64([0.5]));
      expect(z).toBeAllclose([2.5]);
    }));

  test("says what does not fit", () =>
    onInterpreter(() => {
      expect(() => encode(params(), array64(randomRows("x", 1, 3, 4, 4)), tiny)).toThrow("height = 8");
      expect(() => autoencoderConfig({ ...tiny, resolution: 9 })).toThrow(
        "resolution 9 is no multiple of the downsampling 2",
      );
      expect(() => autoencoderConfig({ ...tiny, groups: 3 })).toThrow("3 groups do not divide the width 4");
    }));
});

suite("autoencoderFromTensors", () => {
  const named = () => namedLeaves<Tensor>(initAutoencoder(new Random("file"), tiny));

  test("reads what was written, and ignores what only training needs", () => {
    const tensors = named();
    const extra = new Map([...tensors, ["linear_proj.weight", Tensor.from([1])], ["loss.logvar", Tensor.from([0])]]);
    const read = autoencoderFromTensors(extra, tiny, "model.safetensors");
    expect([...namedLeaves<Tensor>(read)]).toEqual([...tensors]);
  });

  test("lists missing and unknown tensors", () => {
    const tensors = named();
    tensors.delete("decoder.conv_out.bias");
    tensors.set("decoder.extra", Tensor.from([1]));
    expect(() => autoencoderFromTensors(tensors, tiny, "f.pt")).toThrow(
      "f.pt: is not this autoencoder: 1 tensors missing: decoder.conv_out.bias; 1 unknown: decoder.extra",
    );
  });

  test("another d is told with both numbers, before all else", () => {
    const wider = autoencoderConfig({ ...tiny, embed_dim: 5, z_channels: 5 });
    expect(() => autoencoderFromTensors(named(), wider, "f.pt")).toThrow(
      "f.pt: its latents have 2 channels, the configuration says embed_dim 5",
    );
  });

  test("another width is named with its tensor", () => {
    const wider = autoencoderConfig({ ...tiny, ch: 8 });
    expect(() => autoencoderFromTensors(named(), wider, "f.pt")).toThrow(
      '"encoder.conv_in.weight" is [4,3,3,3], the configuration wants [8,3,3,3]',
    );
  });
});
