import fc from "fast-check";
import { expect, suite, test } from "vitest";
import { createSplitter } from "./events.ts";

const split = (...chunks: (string | Uint8Array)[]) => {
  const push = createSplitter();
  return chunks.flatMap((chunk) => push(Buffer.from(chunk as string))).map(({ raw, data }) => [raw.toString(), data]);
};

suite("server-sent events", () => {
  test.each([
    [
      "data: 1\n\ndata: 2\n\n",
      [
        ["data: 1\n\n", "1"],
        ["data: 2\n\n", "2"],
      ],
    ],
    ["data:1\r\n\r\n", [["data:1\r\n\r\n", "1"]]],
    [": ping\n\n", [[": ping\n\n", undefined]]],
    ["event: x\nid: 3\ndata: a\ndata: b\n\n", [["event: x\nid: 3\ndata: a\ndata: b\n\n", "a\nb"]]],
    ["data: 1\n\ndata: half", [["data: 1\n\n", "1"]]],
  ])("%j", (text, expected) => expect(split(text)).toEqual(expected));

  test("wherever the bytes are cut, also within a letter, the events are the same", () => {
    const text = 'data: {"é": "日本"}\n\n: c\n\ndata: [DONE]\r\n\r\n';
    const bytes = Buffer.from(text);
    const whole = split(text);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const parts = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(split(...parts)).toEqual(whole);
      }),
    );
    expect(whole.map(([raw]) => raw).join("")).toBe(text);
  });
});
