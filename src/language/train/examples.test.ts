import { expect, suite, test } from "vitest";
import { ChatTemplate, closedVocabulary } from "../tokenizers/index.ts";
import { encodeExample, type SftRow } from "./examples.ts";

const tokenizer = closedVocabulary([..."abcdefgh:\n", "<user>", "<bot>", "<end>"], { eos: "<end>" });
const template = new ChatTemplate(
  "{% for m in messages %}<{{ 'user' if m.role == 'user' else 'bot' }}>{{ m.content }}<end>\n{% endfor %}{% if add_generation_prompt %}<bot>{% endif %}",
);
/** The text of an example with what is learned in brackets. */
function shown(row: SftRow, chat: ChatTemplate | undefined = template): string {
  const { tokens, trained } = encodeExample(row, { tokenizer, template: chat, place: "data.jsonl line 7" });
  const text = tokens.map((id, i) => (trained[i] ? `[${tokenizer.token(id)}]` : tokenizer.token(id))).join("");
  return text.replaceAll("][", "");
}

suite("encodeExample", () => {
  test("learns a response and its end", () => {
    expect(shown({ prompt: "ab:", response: "cd" })).toBe("ab:[cd<end>]");
    expect(shown({ prompt: "ab:", response: "cd<end>" })).toBe("ab:[cd<end>]");
  });
  test("learns every assistant turn up to its end, and no more", () => {
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
      { role: "user", content: "c" },
      { role: "assistant", content: "d" },
    ];
    expect(shown({ messages })).toBe("<user>a<end>\n<bot>[b<end>]\n<user>c<end>\n<bot>[d<end>]\n");
  });
  test("names the row of a conversation without a reply or without a template", () => {
    const messages = [{ role: "user", content: "a" }];
    expect(() => shown({ messages })).toThrow('data.jsonl line 7: messages: no turn of role "assistant"');
    expect(() => encodeExample({ messages }, { tokenizer })).toThrow("row: messages: this model has no chat template");
  });
  test("refuses a template that rewrites earlier turns", () => {
    const forgetful = new ChatTemplate("{{ messages[-1].content }}");
    const messages = ["a", "b", "c", "d"].map((content, i) => ({ role: i % 2 ? "assistant" : "user", content }));
    expect(() => shown({ messages }, forgetful)).toThrow("the chat template changes earlier turns");
  });
});
