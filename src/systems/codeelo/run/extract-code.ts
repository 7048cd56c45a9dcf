/**
 * The program in a model's answer.
 * Source: the published code takes the first fenced block. Ours takes the last complete one, since models improve on
 * drafts, and without one also a block that the token limit cut; the choice is recorded with the attempt.
 */
import type { LanguageId } from "../schemas.ts";

export interface Extraction {
  source: string;
  language: LanguageId;
  /** How it was chosen. */
  choice: "last block" | "unfinished block" | "whole answer";
  /** The tag as the model wrote it; empty for none. */
  tag: string;
}

/** Tags that models write, by language. */
const aliases: Readonly<Record<LanguageId, readonly string[]>> = {
  c: ["c", "c99", "c11", "gcc"],
  cpp: ["cpp", "c++", "cc", "cxx", "g++", "cpp17", "cpp20", "cpp23", "c++17", "c++20", "c++23", "gnu++17", "gnu++20"],
  python: ["python", "py", "python3", "py3", "pypy", "pypy3"],
  javascript: ["javascript", "js", "node", "nodejs"],
  java: ["java"],
};

const languageOfTag = new Map(
  Object.entries(aliases).flatMap(([language, tags]) => tags.map((tag) => [tag, language as LanguageId])),
);

/**
 * Why there is nothing to judge, or the program.
 * @param fallback language of blocks without a tag
 */
export function extractCode(answer: string, fallback: LanguageId = "cpp"): Extraction | { reason: string } {
  const visible = answer.split("</think>").at(-1)!;
  const blocks = findBlocks(visible).filter(({ source }) => source.trim() !== "");
  const known = blocks.filter(({ tag }) => tag === "" || languageOfTag.has(tag));
  const chosen = known.findLast(({ isClosed }) => isClosed) ?? known.at(-1);
  if (chosen) {
    const { source, tag, isClosed } = chosen;
    const language = languageOfTag.get(tag) ?? fallback;
    return { source, language, tag, choice: isClosed ? "last block" : "unfinished block" };
  }
  if (blocks.length > 0) return { reason: `the language "${blocks.at(-1)!.tag}" is not judged here` };
  if (looksLikeCode(visible)) return { source: visible.trim(), language: fallback, tag: "", choice: "whole answer" };
  return { reason: "no code" };
}

interface Block {
  tag: string;
  source: string;
  isClosed: boolean;
}

/** Fences of three or more backticks or tildes at the start of a line; an inner fence of fewer does not close one. */
function findBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { fence: string; tag: string; lines: string[] } | undefined;
  for (const line of text.split("\n")) {
    const [, fence, rest] = /^\s{0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (!open && fence) {
      open = { fence, tag: /^\s*\{?\.?([\w+#-]*)/.exec(rest!)![1]!.toLowerCase(), lines: [] };
    } else if (open && fence && fence[0] === open.fence[0] && fence.length >= open.fence.length && !rest!.trim()) {
      blocks.push({ tag: open.tag, source: `${open.lines.join("\n")}\n`, isClosed: true });
      open = undefined;
    } else open?.lines.push(line);
  }
  if (open) blocks.push({ tag: open.tag, source: `${open.lines.join("\n")}\n`, isClosed: false });
  return blocks;
}

/** An answer that is a program and nothing else. */
function looksLikeCode(text: string): boolean {
  return /^\s*(#include\s*[<"]|import |from \w+ import |def |n\s*=\s*int\(input)/.test(text);
}
