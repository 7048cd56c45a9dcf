import { expect, suite, test } from "vitest";
import { alignColumns, describeBytes, describeCount } from "./text.ts";

suite("text", () => {
  test("columns are as wide as what is seen, not as its colour codes", () => {
    const red = "\x1b[31mab\x1b[39m";
    expect(
      alignColumns([
        [red, "1"],
        ["abcd", "2"],
      ]),
    ).toBe(`${red}    1\nabcd  2`);
  });
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1536, "1.5 KiB"],
    [150 * 2 ** 20, "150 MiB"],
    [2 ** 44, "16 TiB"],
  ])("%d bytes read %s", (bytes, text) => expect(describeBytes(bytes)).toBe(text));
  test.each([
    [999, "999"],
    [152_064, "152k"],
    [3_210_000, "3.2M"],
    [7.6e9, "7.6B"],
  ])("a count of %d reads %s", (count, text) => expect(describeCount(count)).toBe(text));
});
