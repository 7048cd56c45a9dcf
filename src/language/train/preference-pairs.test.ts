import { expect, suite, test } from "vitest";
import { validate } from "../../core/schema.ts";
import { ChatTemplate, closedVocabulary } from "../tokenizers/index.ts";
import type { TokenExample } from "./packing.ts";
import { encodePair, PreferenceRow } from "./preference-pairs.ts";

const tokenizer = closedVocabulary([..."abcdefgh:\n", "<user>", "<bot>", "<end>"], { eos: "<end>" });
const template = new ChatTemplate(
  "{% for m in messages %}<{{ 'user' if m.role == 'user' else 'bot' }}>{{ m.content }}<end>\n{% endfor %}{% if add_generation_prompt %}<bot>{% endif %}",
);
const user = (content: string) => ({ role: "user", content });
const bot = (content: string) => ({ role: "assistant", content });
/** Texts with what is learned in brackets. */
function shown(row: PreferenceRow): string[] {
  const text = ({ tokens, trained }: TokenExample) =>
    tokens.map((id, i) => (trained[i] ? `[${tokenizer.token(id)}]` : tokenizer.token(id))).join("");
  const { chosen, rejected } = encodePair(row, { tokenizer, template, place: "pairs.jsonl line 3" });
  return [chosen, rejected].map((side) => text(side).replaceAll("][", ""));
}

suite("encodePair", () => {
  test("text", () => {
    expect(shown({ prompt: "a:", chosen: "b", rejected: "cd" })).toEqual(["a:[b<end>]", "a:[cd<end>]"]);
  });
  test("messages: earlier turns of the assistant are read, not learned", () => {
    const prompt = [user("a"), bot("b"), user("c")];
    const before = "<user>a<end>\n<bot>b<end>\n<user>c<end>\n<bot>";
    const expected = [`${before}[d<end>]\n`, `${before}[ef<end>]\n`];
    expect(shown({ prompt, chosen: [bot("d")], rejected: [bot("ef")] })).toEqual(expected);
    // TRL's implicit prompt: whatever both conversations begin with.
    expect(shown({ chosen: [...prompt, bot("d")], rejected: [...prompt, bot("ef")] })).toEqual(expected);
  });
  test("two equal conversations are refused with their place", () => {
    const same = [user("a"), bot("b")];
    expect(() => shown({ chosen: same, rejected: same })).toThrow(
      "pairs.jsonl line 3: chosen and rejected are the same conversation",
    );
  });
  test("a row of neither form is explained", () => {
    const result = validate(PreferenceRow, { prompt: "a", chosen: "b" });
    expect("problem" in result && result.problem.message).toMatch(/rejected|prompt, chosen and rejected/);
  });
});
