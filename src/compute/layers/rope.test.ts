import { numpy as np } from "@jax-js/jax";
import { expect, suite, test } from "vitest";
import { array64, onInterpreter, randomRows } from "./float64.fixtures.ts";
import { applyRope, rope, ropeFrequencies, ropeTables } from "./rope.ts";

const int = (rows: number[][]) => np.array(rows.flat(), { shape: [rows.length, rows[0]!.length], dtype: np.int32 });

suite("rope", () => {
  test("turns the pair (i, i + headDim/2) by position · theta^(-2i/headDim)", () =>
    onInterpreter(() => {
      const x: number[][][][] = randomRows("rope", 2, 3, 1, 4);
      const positions = [
        [0, 1, 2],
        [7, 8, 9],
      ];
      const expected = x.map((sequence, b) =>
        sequence.map(([head], s) => {
          const turned = [0, 0, 0, 0];
          for (const i of [0, 1]) {
            const angle = positions[b]![s]! * 100 ** ((-2 * i) / 4);
            const [re, im] = [head![i]!, head![i + 2]!];
            turned[i] = re * Math.cos(angle) - im * Math.sin(angle);
            turned[i + 2] = re * Math.sin(angle) + im * Math.cos(angle);
          }
          return [turned];
        }),
      );
      expect(rope(array64(x), array64(positions), { theta: 100 })).toBeAllclose(expected);
    }));

  test("products of queries and keys depend on the distance only", () =>
    onInterpreter(() => {
      const [q, k] = [randomRows("q", 1, 1, 1, 8), randomRows("k", 1, 1, 1, 8)];
      const product = (at: number, from: number) =>
        rope(array64(q), array64([[at]]))
          .mul(rope(array64(k), array64([[from]])))
          .sum()
          .item() as number;
      expect(product(5, 2)).toBeCloseTo(product(1003, 1000), 9);
      expect(product(5, 2)).not.toBeCloseTo(product(5, 3), 3);
    }));

  test("one row of integer positions serves a whole batch, in float32", () =>
    onInterpreter(() => {
      const tables = ropeTables(int([[0, 1, 2]]), { headDim: 4 });
      expect([tables.cos.shape, tables.cos.dtype]).toEqual([[1, 3, 1, 2], np.float32]);
      expect(applyRope(array64(randomRows("x", 2, 3, 2, 4)), tables).shape).toEqual([2, 3, 2, 4]);
    }));

  test("refuses what cannot be turned", () =>
    onInterpreter(() => {
      expect(() => rope(array64(randomRows("x", 1, 1, 1, 3)), int([[0]]))).toThrow("headDim 3 is odd");
      expect(() => rope(array64([[1, 2]]), int([[0]]))).toThrow("expected [batch, seq, heads, headDim], got [1, 2]");
    }));
});

suite("rope scaling", () => {
  test("linear divides every frequency", () => {
    const { frequencies } = ropeFrequencies(4, { theta: 10000, scaling: { rope_type: "linear", factor: 4 } });
    expect(frequencies).toEqual([0.25, 0.01 / 4]);
  });

  // Llama 3.1's own values; the wavelengths that separate the three parts are 8192 / 4 and 8192 / 1.
  test("llama3 keeps short waves, divides long ones and blends between", () => {
    const context = 8192;
    const scaling = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: context };
    const options = { theta: 500000, scaling: { rope_type: "llama3" as const, ...scaling } };
    const { frequencies } = ropeFrequencies(128, options);
    const plain = ropeFrequencies(128, { theta: 500000 }).frequencies;
    const parts = { kept: 0, blended: 0, divided: 0 };
    plain.forEach((frequency, i) => {
      const wavelength = (2 * Math.PI) / frequency;
      if (wavelength < context / 4) {
        parts.kept++;
        expect(frequencies[i]).toBe(frequency);
      } else if (wavelength > context) {
        parts.divided++;
        expect(frequencies[i]).toBeCloseTo(frequency / 8, 15);
      } else {
        parts.blended++;
        const smooth = (context / wavelength - 1) / (4 - 1);
        expect(frequencies[i]).toBeCloseTo(((1 - smooth) * frequency) / 8 + smooth * frequency, 15);
      }
    });
    expect(parts).toEqual({ kept: 29, blended: 6, divided: 29 });
  });

  test("yarn keeps what turns 32 times, divides what turns less than once, and warms the logits", () => {
    const scaling = { rope_type: "yarn" as const, factor: 4, original_max_position_embeddings: 32768 };
    const { frequencies, amplitude } = ropeFrequencies(128, { theta: 1e6, scaling });
    const plain = ropeFrequencies(128, { theta: 1e6 }).frequencies;
    // 128 ln(32768 / (32 · 2π)) / (2 ln 1e6) = 23.6 and 128 ln(32768 / 2π) / (2 ln 1e6) = 39.7
    expect(frequencies[23]).toBe(plain[23]);
    expect(frequencies[40]).toBe(plain[40]! / 4);
    expect(frequencies[30]).toBeCloseTo((10 / 17) * plain[30]! + ((7 / 17) * plain[30]!) / 4, 12);
    expect(amplitude).toBe(0.1 * Math.log(4) + 1);
  });

  test("names an unknown type", () => {
    const scaling = { rope_type: "dynamic", factor: 2 } as never;
    expect(() => ropeFrequencies(4, { scaling })).toThrow('unknown scaling type "dynamic"');
  });
});
