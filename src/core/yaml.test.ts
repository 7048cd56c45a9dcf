import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, suite, test } from "vitest";
import { parseYaml, readYaml } from "./yaml.ts";

suite("YAML", () => {
  test("maps, lists, flow, quotes, comments, block texts, aliases", () => {
    const text =
      "a: 1 # one\nb:\n  - x\n  - {c: \"d, e\", f: [1, 2.5, false]}\n  - g: h\n    i: 'it''s'\nj: {}\nk:\nl: |\n  two\n  lines\nm: &m [1]\nn: *m\n";
    expect(parseYaml(text, "f")).toEqual({
      a: 1,
      b: ["x", { c: "d, e", f: [1, 2.5, false] }, { g: "h", i: "it's" }],
      j: {},
      k: null,
      l: "two\nlines\n",
      m: [1],
      n: [1],
    });
    expect(parseYaml("# nothing\n", "f")).toEqual({});
  });
  const bomb = `a: &a [1, 1]\n${[..."bcdefgh"].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${"abcdefg"[index]}`).join(", ")}]`).join("\n")}`;
  test.each([
    ["a: 1\n  b: 2", "f line 1, column 4: Nested mappings are not allowed"],
    ["a: 1\nword", "f line 2, column 1: Implicit map keys need to be followed by map values"],
    [
      "a: [1, 2",
      "f line 1, column 9: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
    ["a: 1\na: 2", "f line 2, column 1: Map keys must be unique"],
    ["a:\n\tb: 1", "f line 2, column 1: Tabs are not allowed as indentation"],
    ["a: !!python/object x", "f line 1, column 4: Unresolved tag: tag:yaml.org,2002:python/object"],
    ["a: 1\n---\nb: 2", "f line 2, column 1: Source contains multiple documents"],
    ["- a\n- b", "f: expected a map of names and values, got a list"],
    [bomb, "f: Excessive alias count"],
  ])("%j is refused", (text, message) => expect(() => parseYaml(text, "f")).toThrow(message));
  test("a file is read, and a missing one is told with the name that is near", async () => {
    const folder = await mkdtemp(join(tmpdir(), "yaml-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "pack.yaml"), "a: [1, two]\n");
    expect(await readYaml(join(folder, "pack.yaml"))).toEqual({ a: [1, "two"] });
    await expect(readYaml(join(folder, "pak.yaml"))).rejects.toMatchObject({ hint: "Did you mean pack.yaml?" });
  });
});
