/**
 * The YAML that problem folders use: nested maps and lists by indentation, `[a, b]` and `{a: b}` on one line, quotes,
 * comments. No anchors, tags, block texts or several documents: these are refused by name, never guessed at.
 */
import { DataError } from "../../../../core/errors.ts";

export type YamlValue = string | number | boolean | null | YamlValue[] | { [key: string]: YamlValue };

interface Line {
  number: number;
  indent: number;
  text: string;
}

/** @throws DataError naming the line */
export function parseSimpleYaml(text: string, file: string): YamlValue {
  const lines = text.split(/\r?\n/).flatMap((raw, index): Line[] => {
    const content = stripComment(raw).trimEnd();
    if (content.trim() === "" || content === "---") return [];
    return [{ number: index + 1, indent: content.length - content.trimStart().length, text: content.trim() }];
  });
  const fail = (line: Line | undefined, words: string): never => {
    throw new DataError(`${file} line ${line?.number ?? 1}: ${words}`, {
      hint: "Only plain YAML is read here: maps, lists, [..], {..}, quotes and comments.",
    });
  };
  let at = 0;

  const parseBlock = (indent: number): YamlValue => {
    const first = lines[at]!;
    return first.text.startsWith("- ") || first.text === "-" ? parseList(indent) : parseMap(indent);
  };
  const parseList = (indent: number): YamlValue[] => {
    const items: YamlValue[] = [];
    while (at < lines.length && lines[at]!.indent === indent && /^-( |$)/.test(lines[at]!.text)) {
      const line = lines[at]!;
      const rest = line.text.slice(1).trim();
      if (rest === "") {
        at++;
        items.push(at < lines.length && lines[at]!.indent > indent ? parseBlock(lines[at]!.indent) : null);
      } else if (keyOf(rest)) {
        // A map that begins on the dash's line: its keys stand in the column of the first.
        const column = indent + line.text.indexOf(rest);
        lines[at] = { ...line, indent: column, text: rest };
        items.push(parseMap(column));
      } else {
        at++;
        items.push(parseScalar(rest, line));
      }
    }
    return items;
  };
  const parseMap = (indent: number): YamlValue => {
    const map: { [key: string]: YamlValue } = {};
    while (at < lines.length && lines[at]!.indent === indent) {
      const line = lines[at]!;
      const match = keyOf(line.text);
      if (!match) return fail(line, `expected "name: value", found "${line.text}"`);
      at++;
      if (match.rest !== "") map[match.key] = parseScalar(match.rest, line);
      else {
        const next = lines[at];
        const isInner = next && (next.indent > indent || (next.indent === indent && /^-( |$)/.test(next.text)));
        map[match.key] = isInner ? parseBlock(next.indent) : null;
      }
    }
    return map;
  };
  const parseScalar = (word: string, line: Line): YamlValue => {
    if (/^[|>][-+]?$|^[&*!]/.test(word)) return fail(line, `"${word}" is YAML that is not read here`);
    const flow = { text: word, at: 0 };
    const value = parseFlow(flow, () => fail(line, `cannot read "${word}"`));
    if (flow.text.slice(flow.at).trim() !== "") return plain(word);
    return value;
  };

  if (lines.length === 0) return null;
  const value = parseBlock(lines[0]!.indent);
  if (at < lines.length) fail(lines[at], "the indentation fits nothing above");
  return value;
}

function keyOf(text: string): { key: string; rest: string } | undefined {
  const match = /^("[^"]*"|'[^']*'|[^\s[\]{}"'][^:]*?):(?:\s+(.*)|)$/.exec(text);
  return match ? { key: match[1]!.replace(/^["']|["']$/g, ""), rest: match[2] ?? "" } : undefined;
}

/** One value of the form that also stands inside brackets. */
function parseFlow(flow: { text: string; at: number }, fail: () => never): YamlValue {
  const skip = () => {
    while (flow.text[flow.at] === " ") flow.at++;
  };
  skip();
  const open = flow.text[flow.at];
  if (open === "[" || open === "{") {
    flow.at++;
    const list: YamlValue[] = [];
    const map: { [key: string]: YamlValue } = {};
    for (;;) {
      skip();
      if (flow.text[flow.at] === (open === "[" ? "]" : "}")) break;
      if (open === "[") list.push(parseFlow(flow, fail));
      else {
        const key = /^\s*("[^"]*"|'[^']*'|[^:,{}]+?)\s*:\s*/.exec(flow.text.slice(flow.at));
        if (!key) return fail();
        flow.at += key[0].length;
        map[key[1]!.replace(/^["']|["']$/g, "")] = parseFlow(flow, fail);
      }
      skip();
      if (flow.text[flow.at] === ",") flow.at++;
      else if (!"]}".includes(flow.text[flow.at] ?? "x")) return fail();
    }
    flow.at++;
    return open === "[" ? list : map;
  }
  const rest = flow.text.slice(flow.at);
  const quoted = /^"((?:[^"\\]|\\.)*)"|^'((?:[^']|'')*)'/.exec(rest);
  if (quoted) {
    flow.at += quoted[0].length;
    return quoted[1] !== undefined ? JSON.parse(quoted[0]) : quoted[2]!.replaceAll("''", "'");
  }
  const word = /^[^,[\]{}]*/.exec(rest)![0];
  flow.at += word.length;
  return plain(word.trim());
}

function plain(word: string): YamlValue {
  if (word === "" || word === "~" || word === "null") return null;
  if (/^(true|yes|True)$/.test(word)) return true;
  if (/^(false|no|False)$/.test(word)) return false;
  return /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(word) ? Number(word) : word;
}

/** A # begins a comment at the line's start or after a blank, outside quotes. */
function stripComment(line: string): string {
  let quote = "";
  for (let index = 0; index < line.length; index++) {
    const letter = line[index]!;
    if (quote) quote = letter === quote ? "" : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === "#" && (index === 0 || /\s/.test(line[index - 1]!))) return line.slice(0, index);
  }
  return line;
}
