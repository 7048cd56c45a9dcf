import { expect, suite, test } from "vitest";
import { Tensor } from "./tensor.ts";
import { countParameters, mapTree, namedLeaves, treeFromNames } from "./tree.ts";

const leaf = (...shape: number[]) => Tensor.from(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
const model = () => ({
  embed: { weight: leaf(5, 2) },
  layers: [{ norm: { weight: leaf(2), bias: undefined } }, { norm: { weight: leaf(2) } }],
});
const names = ["embed.weight", "layers.0.norm.weight", "layers.1.norm.weight"];

suite("tree", () => {
  test("names leaves by their path; what is undefined has no name", () => {
    expect([...namedLeaves(model()).keys()]).toEqual(names);
  });

  test("names lead back to the tree, in any order", () => {
    const { embed, layers } = model();
    const leaves = new Map([...namedLeaves({ embed, layers })].reverse());
    const rebuilt: any = treeFromNames(leaves);
    expect(rebuilt.layers).toHaveLength(2);
    expect(rebuilt.layers[1].norm.weight).toBe(layers[1]!.norm.weight);
    expect(rebuilt.embed.weight).toBe(embed.weight);
  });

  test("a tensor alone is a tree", () => {
    const alone = leaf(2);
    expect(treeFromNames(namedLeaves(alone))).toBe(alone);
  });

  test("names that contradict each other are refused", () => {
    const tree = (...keys: string[]) => treeFromNames(new Map(keys.map((key) => [key, leaf(1)])));
    expect(() => tree("a", "a.b")).toThrow('"a.b" goes through "a", which is a tensor');
    expect(() => tree("a.b", "a")).toThrow('"a" is a tensor and also a prefix of others');
    expect(() => tree("layers.0.w", "layers.2.w")).toThrow('"layers" has 2 items but no "layers.1"');
  });

  test("a hostile name makes an own key and touches no prototype", () => {
    const tree: any = treeFromNames(new Map([["__proto__.polluted", leaf(1)]]));
    expect(Object.hasOwn(tree, "__proto__")).toBe(true);
    expect(({} as any).polluted).toBeUndefined();
    expect([...namedLeaves(tree).keys()]).toEqual(["__proto__.polluted"]);
  });

  test("mapTree passes leaf and name, and keeps the structure", () => {
    const shapes = mapTree(model(), (tensor: Tensor, name) => `${name}: ${tensor.shape}`);
    expect(shapes).toEqual({
      embed: { weight: "embed.weight: 5,2" },
      layers: [{ norm: { weight: "layers.0.norm.weight: 2" } }, { norm: { weight: "layers.1.norm.weight: 2" } }],
    });
  });

  test("counts parameters", () => expect(countParameters(model())).toBe(10 + 2 + 2));
});
