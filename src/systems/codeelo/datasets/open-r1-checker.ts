/**
 * Checkers of open-r1/codeforces: Python programs, called as the data set's own runner calls them.
 * Source: package codeforces 1.0.0 of guipenedo/piston (`run`), which scored the data set, and open-r1's cf_scoring.py.
 *   python3 checker.py INPUT ANSWER OUTPUT     three files; carriage returns and empty lines are gone from them
 *   accepted                                   exit code 0, and standard output is 1 or 100 but for blanks
 * A checker that crashes has rejected the output there, and so it does here: few of them expect nonsense. Differs in one
 * way: one that does not end is the checker's fault here, not the program's.
 */
import type { Checker } from "../schemas.ts";

/** The checker as a function over three texts. */
export function openR1Checker(source: string): Checker {
  return { kind: "python", source: `_CHECKER = ${JSON.stringify(source)}\n${call}` };
}

const call = String.raw`
import os, re, subprocess, sys, tempfile

def check(input, output, answer):
    without_returns = lambda text: re.sub(r"\r$", "", text, flags=re.M)
    without_gaps = lambda text: re.sub(r"^\n", "", text, flags=re.M)
    texts = {
        "checker.py": _CHECKER,
        "input.txt": without_returns(input),
        "correct_output.txt": without_gaps(without_returns(answer.rstrip("\n") + "\n")),
        "solution_output.txt": without_gaps(output),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            with open(os.path.join(folder, name), "w", newline="", encoding="utf-8") as file:
                file.write(text)
        command = [sys.executable, *texts]
        ended = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True)
    said = ended.stdout.decode(errors="replace")
    words = (said.split() if ended.returncode == 0 else ended.stderr.decode(errors="replace").strip().split("\n")[-1:])
    return ended.returncode == 0 and "".join(said.split()) in ("1", "100"), " ".join(words)[:300]
`;
