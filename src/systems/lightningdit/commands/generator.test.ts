import { expect, suite, test } from "vitest";
import { samplingFrom } from "./dit-options.ts";
import { parsePoints } from "./frontier.ts";

suite("samplingFrom", () => {
  const file = {
    method: "euler",
    points: 250,
    shift: 0.3,
    atol: 1e-6,
    rtol: 1e-3,
    guidance: { scale: 10, from: 0.1, channels: 3 },
  } as const;
  test("our own defaults: no guidance, equally spaced points", () => {
    expect(samplingFrom({})).toEqual({ points: 51 });
  });
  test("a configuration file counts where the command line says nothing", () => {
    expect(samplingFrom({}, file)).toEqual(file);
    expect(samplingFrom({ points: 50, cfg: 4 }, file)).toEqual({
      ...file,
      points: 50,
      guidance: { scale: 4, from: 0.1, channels: 3 },
    });
    expect(samplingFrom({ cfg: 1 }, file).guidance).toBeUndefined();
  });
  test("new models guide all channels, unless told otherwise", () => {
    expect(samplingFrom({ cfg: 2 }).guidance).toEqual({ scale: 2, from: 0, channels: "all" });
    expect(samplingFrom({ cfg: 2, cfgChannels: "3", cfgFrom: 0.2 }).guidance).toEqual({
      scale: 2,
      from: 0.2,
      channels: 3,
    });
    expect(samplingFrom({ cfgChannels: "all" }, file).guidance!.channels).toBe("all");
  });
});

suite("parsePoints", () => {
  test("channels and arm, unaligned where none is named", () => {
    expect(parsePoints("4, 32:aligned,16:wrong")).toEqual([
      { d: 4, arm: "unaligned" },
      { d: 32, arm: "aligned" },
      { d: 16, arm: "wrong" },
    ]);
  });
  test("what is none is named", () => {
    expect(() => parsePoints("4:good")).toThrow('--points: "4:good": expected CHANNELS:ARM');
    expect(() => parsePoints("x")).toThrow('"x"');
  });
});
