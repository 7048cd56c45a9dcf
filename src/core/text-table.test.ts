import { expect, test } from "vitest";
import { textTable } from "./text-table.ts";

test("names stand to the left, figures to the right, each column as wide as it must be", () => {
  const rows = [
    ["complex", "80.4%", 12345.6],
    ["direct+ppo", "9%", 0.25],
  ];
  expect(textTable(["arm", "right", "tokens"], rows)).toBe(
    "arm         right  tokens\ncomplex     80.4%  12,346\ndirect+ppo     9%    0.25",
  );
  expect(textTable(["a", ""], [["b", ""]])).toBe("a\nb");
});
