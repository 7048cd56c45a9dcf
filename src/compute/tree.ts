/**
 * Parameter trees: nested objects and lists whose leaves are tensors (outside programs) or jax-js arrays (inside).
 * A leaf's dotted path ("model.layers.0.mlp.gate_proj.weight") is its name in a safetensors file, so a tree keyed
 * like a PyTorch checkpoint is written and read without any renaming.
 */
import { DataError } from "../core/errors.ts";
import type { TensorTree } from "./tensor.ts";

/** A tree over any kind of leaf; a leaf is whatever is neither a list nor a plain object. */
export type Tree<Leaf> = Leaf | Tree<Leaf>[] | { [key: string]: Tree<Leaf> };

/**
 * Builds a tree of the same structure from `fn(leaf, name)`; leaves are visited in the order of their keys.
 * Undefined entries (an absent bias) are left out.
 */
export function mapTree<Result = any, Leaf = any>(tree: unknown, fn: (leaf: Leaf, name: string) => unknown): Result {
  return mapFrom("", tree, fn) as Result;
}

function mapFrom(name: string, node: unknown, fn: (leaf: any, name: string) => unknown): unknown {
  const child = (key: string | number) => (name === "" ? String(key) : `${name}.${key}`);
  if (Array.isArray(node)) return node.map((value, index) => mapFrom(child(index), value, fn));
  if (!isBranch(node)) return fn(node, name);
  const entries = Object.entries(node).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, mapFrom(child(key), value, fn)]));
}

/** Every leaf by its dotted path, in the order of the tree. A tree that is one leaf has the name "". */
export function namedLeaves<Leaf = any>(tree: unknown): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  mapTree(tree, (leaf: Leaf, name) => leaves.set(name, leaf));
  return leaves;
}

/**
 * The inverse of `namedLeaves`: keys that count 0, 1, 2… become a list, all others an object.
 * @throws DataError when one name is both a leaf and a branch, or a list has a gap
 */
export function treeFromNames<Leaf>(leaves: ReadonlyMap<string, Leaf>): Tree<Leaf> {
  const single = leaves.get("");
  if (single !== undefined && leaves.size === 1) return single;
  const root = new Map<string, Node<Leaf>>();
  for (const [name, leaf] of leaves) {
    const keys = name.split(".");
    let branch = root;
    for (const key of keys.slice(0, -1)) {
      const next = branch.get(key) ?? { branch: new Map() };
      if (!("branch" in next)) throw new DataError(`tensor names: "${name}" goes through "${key}", which is a tensor`);
      branch.set(key, next);
      branch = next.branch;
    }
    const last = keys.at(-1)!;
    if (branch.has(last)) throw new DataError(`tensor names: "${name}" is a tensor and also a prefix of others`);
    branch.set(last, { leaf });
  }
  return assemble("", root);
}

type Node<Leaf> = { leaf: Leaf } | { branch: Map<string, Node<Leaf>> };

function assemble<Leaf>(name: string, branch: Map<string, Node<Leaf>>): Tree<Leaf> {
  const value = (key: string, node: Node<Leaf>) =>
    "leaf" in node ? node.leaf : assemble(name === "" ? key : `${name}.${key}`, node.branch);
  const isList = [...branch.keys()].every((key) => /^(0|[1-9]\d*)$/.test(key));
  if (!isList) return Object.fromEntries([...branch].map(([key, node]) => [key, value(key, node)]));
  return Array.from({ length: branch.size }, (_, index) => {
    const node = branch.get(String(index));
    if (node) return value(String(index), node);
    throw new DataError(`tensor names: "${name}" has ${branch.size} items but no "${name}.${index}"`);
  });
}

/** Total element count of all leaves. */
export function countParameters(tree: unknown): number {
  let count = 0;
  for (const leaf of namedLeaves<{ shape: readonly number[] }>(tree).values())
    count += leaf.shape.reduce((product, dim) => product * dim, 1);
  return count;
}

/** Releases every tensor of a tree that lives outside programs. */
export function disposeTree(tree: TensorTree | object): void {
  for (const leaf of namedLeaves<{ dispose(): void }>(tree).values()) leaf.dispose();
}

function isBranch(node: unknown): node is Record<string, unknown> {
  return typeof node === "object" && node !== null && Object.getPrototypeOf(node) === Object.prototype;
}
