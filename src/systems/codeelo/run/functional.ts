/**
 * LiveCodeBench's functional problems want a method of a class `Solution` (or a bare function), not a program: this makes
 * a program of it that reads one JSON value per argument and line, and prints the result as JSON.
 */

/** @param entryPoint name of the method, as in the problem's metadata */
export function wrapFunction(source: string, entryPoint: string): string {
  if (!/^[A-Za-z_]\w*$/.test(entryPoint)) throw new RangeError(`wrapFunction: "${entryPoint}" is no name`);
  return `from typing import *
from collections import *
import bisect, collections, functools, heapq, itertools, math, operator, re, string, sys

${source}

if __name__ == "__main__":
    import json as _json
    _arguments = [_json.loads(_line) for _line in sys.stdin.read().split("\\n") if _line.strip()]
    _call = getattr(Solution(), "${entryPoint}") if "Solution" in globals() else globals()["${entryPoint}"]
    print(_json.dumps(_call(*_arguments)))
`;
}
