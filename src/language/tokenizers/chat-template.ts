/**
 * Chat templates: the Jinja program of a model that writes messages as the one text it was trained on.
 * Source: transformers' documentation, "Chat templates"; run by @huggingface/jinja.
 */
import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { DataError } from "../../core/errors.ts";
import { parseObject, readIfThere, tokenText } from "./files.ts";

/** A message as templates see it; further fields (tool_calls, reasoning_content, name) pass through. */
export interface TemplateMessage {
  role: string;
  content: string | readonly unknown[] | null;
  [field: string]: unknown;
}

export interface RenderOptions {
  /** Ends with the words that open the assistant's turn; default false. */
  addGenerationPrompt?: boolean;
  /** Function descriptions in OpenAI's form, for templates that know tools. */
  tools?: readonly unknown[];
  /** Variables that only some templates know, such as `enable_thinking`. */
  variables?: Readonly<Record<string, unknown>>;
}

export class ChatTemplate {
  readonly #templates: ReadonlyMap<string, Template>;
  readonly #tokens: Readonly<Record<string, string>>;
  readonly #place: string;

  /**
   * @param source Jinja text, or several by name, of which "tool_use" serves calls with tools and "default" the others
   * @param tokens texts of special tokens: bos_token, eos_token, ...
   * @param place where the template came from, for messages
   * @throws DataError for a template that does not parse
   */
  constructor(
    source: string | ReadonlyMap<string, string>,
    tokens: Readonly<Record<string, string>> = {},
    place = "chat template",
  ) {
    const sources = typeof source === "string" ? new Map([["default", source]]) : source;
    this.#templates = new Map(Array.from(sources, ([name, text]) => [name, parse(text, place)]));
    this.#tokens = tokens;
    this.#place = place;
  }

  /**
   * Reads the template of a model folder.
   * @returns undefined when the model has none: a base model, not one for chats
   */
  static async load(folder: string): Promise<ChatTemplate | undefined> {
    const configFile = join(folder, "tokenizer_config.json");
    const config = parseObject(await readIfThere(configFile), configFile);
    const tokens: Record<string, string> = {};
    for (const [key, value] of Object.entries(config)) {
      const text = tokenText(value);
      if (key.endsWith("_token") && text !== undefined) tokens[key] = text;
    }
    // As transformers does: the file of its own wins over the field.
    const jinjaFile = join(folder, "chat_template.jinja");
    const text = await readIfThere(jinjaFile);
    if (text !== undefined) return new ChatTemplate(text, tokens, jinjaFile);
    const place = `${configFile}: chat_template`;
    const field = config.chat_template;
    if (field === undefined || field === null) return undefined;
    if (typeof field === "string") return new ChatTemplate(field, tokens, place);
    if (Array.isArray(field) && field.every((item) => typeof item?.template === "string")) {
      return new ChatTemplate(new Map(field.map(({ name, template }) => [name, template])), tokens, place);
    }
    throw new DataError(`${place}: expected text, or a list of {name, template}`, {
      hint: "Mend or remove the field.",
    });
  }

  /**
   * @throws DataError with the template's own words when it refuses the messages, e.g. roles that do not alternate
   */
  render(messages: readonly TemplateMessage[], options: RenderOptions = {}): string {
    const { addGenerationPrompt = false, tools, variables } = options;
    const wanted = tools && this.#templates.has("tool_use") ? "tool_use" : "default";
    const template = this.#templates.get(wanted);
    if (!template) {
      throw new DataError(`${this.#place}: no template is named "default"`, {
        hint: `It has: ${[...this.#templates.keys()].join(", ")}.`,
      });
    }
    try {
      return template.render({
        ...this.#tokens,
        ...variables,
        messages,
        tools: tools ?? null,
        add_generation_prompt: addGenerationPrompt,
      });
    } catch (cause) {
      const roles = messages.map((message) => message.role).join(", ");
      throw new DataError(`${this.#place}: ${(cause as Error).message}`, {
        hint: `The template refuses these messages (roles: ${roles}); order them as the model expects.`,
        cause,
      });
    }
  }
}

function parse(text: string, place: string): Template {
  try {
    return new Template(text);
  } catch (cause) {
    throw new DataError(`${place}: not a valid Jinja template: ${(cause as Error).message}`, {
      hint: "Fetch the model's tokenizer files again.",
      cause,
    });
  }
}
