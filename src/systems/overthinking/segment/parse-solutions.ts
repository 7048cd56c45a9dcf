/** Reads the reply of stage 1, strictly: anything that is not in the form is a problem, to be told to the model once. */

export type MarkedSolution = { first: number; last: number; answer: string; complete: boolean };

const solution =
  /<solution(\d+)>\s*<step>\s*([\s\S]*?)\s*<\/step>\s*<answer>([\s\S]*?)<\/answer>\s*<complete>\s*(true|false)\s*<\/complete>\s*<\/solution(\d+)>/giu;
const range = /^#{0,3}\s*STEP\s*(\d+)(?:\s*(?:…|\.\.\.|-|–|to|,)?\s*#{0,3}\s*(?:STEP\s*)?(\d+))?$/iu;

/**
 * @param first,last numbers of the steps that were shown
 * @returns the solutions in order, or what is wrong, in words for the model
 */
export function parseSolutions(
  text: string,
  { first, last }: { first: number; last: number },
): { solutions: MarkedSolution[] } | { problem: string } {
  const reply = text.replace(/^[\s\S]*<\/think>/u, "");
  const blocks = [...reply.matchAll(solution)];
  const opened = reply.match(/<solution\d+>/giu)?.length ?? 0;
  if (blocks.length === 0) return { problem: "there is no <solution1> in the form asked for" };
  if (opened !== blocks.length)
    return { problem: `only ${blocks.length} of ${opened} solutions are in the form asked for` };
  const solutions: MarkedSolution[] = [];
  let before = first - 1;
  for (const [, opening, steps, answer, complete, closing] of blocks) {
    const name = `<solution${opening}>`;
    if (opening !== closing) return { problem: `${name} is closed by </solution${closing}>` };
    const [, from, to = from] = range.exec(steps!) ?? [];
    if (from === undefined) return { problem: `${name} does not say its steps as "###STEP a … ###STEP b"` };
    const [start, end] = [Number(from), Number(to)];
    if (end < start || start < first || end > last) {
      return { problem: `${name} has steps ${start} to ${end}, but the steps are ${first} to ${last}` };
    }
    if (start <= before) return { problem: `${name} begins at step ${start}, which an earlier solution already has` };
    before = end;
    solutions.push({ first: start, last: end, answer: answer!.trim(), complete: complete!.toLowerCase() === "true" });
  }
  return { solutions };
}
