import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { ChatTemplate } from "./chat-template.ts";

const fixtures = join(import.meta.dirname, "fixtures");
const question = { role: "user", content: "What is 17 + 25?" };

suite("ChatTemplate", () => {
  test("renders ChatML from tokenizer_config.json and opens the assistant's turn", async () => {
    const template = (await ChatTemplate.load(join(fixtures, "qwen2")))!;
    expect(template.render([question])).toBe("<|im_start|>user\nWhat is 17 + 25?<|im_end|>\n");
    expect(template.render([question], { addGenerationPrompt: true })).toBe(
      "<|im_start|>user\nWhat is 17 + 25?<|im_end|>\n<|im_start|>assistant\n",
    );
  });

  test("passes tools and further variables", async () => {
    const template = (await ChatTemplate.load(join(fixtures, "qwen2")))!;
    const tools = [{ type: "function", function: { name: "add" } }];
    expect(template.render([question], { tools })).toContain('{"type": "function", "function": {"name": "add"}}');
    const variables = { enable_thinking: false };
    expect(template.render([question], { addGenerationPrompt: true, variables })).toMatch(/<think>\n\n<\/think>\n\n$/);
  });

  test("renders chat_template.jinja with bos and eos", async () => {
    const template = (await ChatTemplate.load(join(fixtures, "llama2")))!;
    expect(template.render([question, { role: "assistant", content: " 42 " }])).toBe(
      "<s>[INST] What is 17 + 25? [/INST] 42 </s>",
    );
  });

  test("says why a template refuses the messages, and which roles it got", async () => {
    const template = (await ChatTemplate.load(join(fixtures, "llama2")))!;
    const refused = () => template.render([question, question]);
    expect(refused).toThrow(/chat_template\.jinja: Conversation roles must alternate/);
    expect(refused).toThrow(expect.objectContaining({ code: "DATA", hint: expect.stringContaining("user, user") }));
  });

  test("chooses the template for tools by name", () => {
    const template = new ChatTemplate(
      new Map([
        ["default", "plain"],
        ["tool_use", "with {{ tools | length }} tools"],
      ]),
    );
    expect(template.render([question])).toBe("plain");
    expect(template.render([question], { tools: [{}, {}] })).toBe("with 2 tools");
  });

  test("a base model has none; damaged ones are named", async () => {
    const folder = await mkdtemp(join(tmpdir(), "template-"));
    try {
      expect(await ChatTemplate.load(folder)).toBeUndefined();
      await writeFile(join(folder, "tokenizer_config.json"), '{"chat_template": 3}');
      await expect(ChatTemplate.load(folder)).rejects.toThrow("chat_template: expected text, or a list");
      await writeFile(join(folder, "chat_template.jinja"), "{% if %}");
      await expect(ChatTemplate.load(folder)).rejects.toThrow("chat_template.jinja: not a valid Jinja template");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
