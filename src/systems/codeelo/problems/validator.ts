/** The same validation as a program, for archives that leave this house: a short Python reader of the format. */
import type { Program } from "../schemas.ts";
import type { Format } from "./format.ts";

export function validatorProgram(format: Format, constants: Record<string, number>, pattern?: string): Program {
  const spec = JSON.stringify({ format, constants, pattern });
  return { language: "python", source: `SPEC = r'''${spec}'''\n${reader}`, files: {} };
}

const reader = String.raw`
import json, re, sys
null = None
spec = json.loads(SPEC)
names = dict(spec["constants"])
value = lambda text: int(eval(re.sub(r"\b(\d+)e(\d+)\b", r"\1*10**\2", text), {}, names))

def fail(line, words):
    sys.exit("line %d: %s" % (line + 1, words))

text = sys.stdin.read()
if not text.endswith("\n"):
    sys.exit("the last line has no end")
if spec.get("pattern") and not re.fullmatch(spec["pattern"], text):
    sys.exit("the input is not of the form required")
lines, at = text[:-1].split("\n"), 0
for kind in spec["format"]:
    rows, first = value(kind["count"]) if kind.get("count") else 1, at
    for at in range(first, first + rows):
        if at >= len(lines):
            fail(at, "is missing")
        words = lines[at].split(" ") if lines[at] else []
        for item in kind["items"]:
            low, high = value(item["low"]), value(item["high"])
            count = value(item["count"]) if item.get("count") else 1
            own, words = words[:count], words[count:]
            if len(own) < count:
                fail(at, item["name"] + ": ends early")
            for word in own:
                if item.get("letters"):
                    if not set(word) <= set(item["letters"]) or not low <= len(word) <= high:
                        fail(at, item["name"] + ": " + word)
                elif not re.fullmatch(r"0|-?[1-9]\d*", word) or not low <= int(word) <= high:
                    fail(at, "%s: %s is not a number from %d to %d" % (item["name"], word, low, high))
            if not item.get("count") and not item.get("letters"):
                names[item["name"]] = int(own[0])
            if item.get("flag") in ("distinct", "permutation") and len(set(own)) < count:
                fail(at, item["name"] + ": repeats")
            if item.get("flag") == "sorted" and any(int(a) > int(b) for a, b in zip(own, own[1:])):
                fail(at, item["name"] + ": is not in order")
        if words:
            fail(at, "more words than expected")
    at = first + rows
    if kind.get("flag") == "tree":
        root = list(range(rows + 2))
        def find(node):
            while root[node] != node:
                root[node] = root[root[node]]
                node = root[node]
            return node
        for line in lines[first:at]:
            a, b = map(find, map(int, line.split()))
            if a == b:
                fail(first, "the edges make no tree")
            root[a] = b
if at < len(lines):
    fail(at, "stands after the end")
`;
