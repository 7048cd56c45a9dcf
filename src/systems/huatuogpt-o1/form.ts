/**
 * The form of a trained model's answer: thinking first, then what the user reads.
 * Source: spec sections 2.5 and 2.6; the authors' form check counts the two marks. Ours wants them in order as well.
 */

const thinkingMark = "## Thinking";
const responseMark = "## Final Response\n\n";

/** Paid for a right answer, a wrong one, and one without the form. */
export const formRewards = { right: 1, wrong: 0.1, noForm: 0 } as const;

/** The assistant's turn for supervised training. */
export function renderForm(thinking: string, response: string): string {
  return `${thinkingMark}\n\n${thinking}\n\n${responseMark}${response}`;
}

/** @returns null unless each mark stands in the text exactly once, the thinking first; both parts are stripped */
export function parseForm(text: string): { thinking: string; response: string } | null {
  const begin = onlyPlace(text, thinkingMark);
  const end = onlyPlace(text, responseMark);
  if (begin === -1 || end === -1 || end < begin) return null;
  return {
    thinking: text.slice(begin + thinkingMark.length, end).trim(),
    response: text.slice(end + responseMark.length).trim(),
  };
}

/** @param isRight the verifier's word on the response; called only where there is one */
export function formReward(text: string, isRight: (response: string) => boolean): number {
  const parts = parseForm(text);
  if (!parts) return formRewards.noForm;
  return isRight(parts.response) ? formRewards.right : formRewards.wrong;
}

/** Where `mark` stands, or -1 when it is missing or comes again. */
function onlyPlace(text: string, mark: string): number {
  const place = text.indexOf(mark);
  return text.indexOf(mark, place + 1) === -1 ? place : -1;
}
