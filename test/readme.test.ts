/** The README in two languages: the same commands, the same figures, and links that lead somewhere. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { findEntry } from "../src/cli/registry.ts";
import { root } from "./fixtures.ts";

const files = ["README.md", "README.zh-CN.md"] as const;
const [english, chinese] = files.map((file) => readFileSync(join(root, file), "utf8")) as [string, string];

/** What stands between fences; comments of the shell are words of one language. */
const codeBlocks = (text: string) =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, code]) =>
    language === "sh" ? code!.replaceAll(/ +# .*$/gm, "") : code!,
  );
const inlineCode = (text: string) => [...text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/`([^`\n]+)`/g)];
const numbers = (text: string) => (text.match(/\d+(?:[.,]\d+)*/g) ?? []).sort();
const linked = (text: string) => [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);

suite("README.md and README.zh-CN.md", () => {
  test("have the same code blocks, commands and numbers", () => {
    expect(codeBlocks(english).length).toBeGreaterThan(3);
    expect(codeBlocks(chinese)).toEqual(codeBlocks(english));
    const commands = (text: string) => inlineCode(text).map(([, code]) => code);
    expect(commands(chinese)).toEqual(commands(english));
    expect(numbers(chinese)).toEqual(numbers(english));
  });
  test.each(files)(
    "%s: every link and picture leads to something in the repository, and to the other language",
    (file) => {
      const targets = linked(file === "README.md" ? english : chinese);
      const inside = targets.filter((target) => !/^https?:/.test(target));
      expect(inside.filter((target) => !existsSync(join(root, target)))).toEqual([]);
      expect(inside).toContain(files.find((other) => other !== file));
      const pictures = inside.filter((target) => target.endsWith(".png"));
      expect(pictures.length).toBeGreaterThan(3);
      for (const picture of pictures) expect(statSync(join(root, picture)).size).toBeLessThan(150_000);
    },
  );
  test("name commands that exist", () => {
    const named = inlineCode(english).flatMap(([, code]) => /^polymath ([a-z]+(?: [a-z]+)*)/.exec(code!)?.[1] ?? []);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((words) => !findEntry(words.split(" ")))).toEqual([]);
  });
});
