/**
 * Reads the tokenizer of a Hugging Face model folder: tokenizer.json, with roles of tokens from its companions.
 */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { DataError } from "../../core/errors.ts";
import { ClosedVocabulary, type ClosedVocabularyOptions, tokenizerJson } from "./closed-vocabulary.ts";
import { parseObject, readIfThere, type TokenizerFiles, tokenText } from "./files.ts";
import { HuggingFaceTokenizer, type TokenRoles } from "./hugging-face.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** What belongs to a tokenizer, and what `save` therefore copies. */
const FILES = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja"];
/** What may besides give roles to ids; these belong to the model. */
const MODEL_FILES = ["generation_config.json", "config.json"];

/**
 * @param folder with tokenizer.json; tokenizer_config.json, special_tokens_map.json, generation_config.json and
 * config.json are read where they are, for bos, eos, pad and the ids that end an answer
 * @throws DataError naming the file at fault
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const files = new Map<string, string>();
  for (const name of FILES) {
    const text = await readIfThere(join(folder, name));
    if (text !== undefined) files.set(name, text);
  }
  const tokenizerText = files.get("tokenizer.json");
  if (tokenizerText === undefined) {
    throw new DataError(`${folder}: tokenizer.json is missing`, {
      hint: "Save it with the model; older tokenizers (vocab.json, tokenizer.model) are converted by transformers.",
    });
  }
  const place = join(folder, "tokenizer.json");
  const json = parseObject(tokenizerText, place);
  const configs: Record<string, any>[] = [];
  for (const name of ["tokenizer_config.json", "special_tokens_map.json"]) {
    configs.push(parseObject(files.get(name), join(folder, name)));
  }
  for (const name of MODEL_FILES) {
    configs.push(parseObject(await readIfThere(join(folder, name)), join(folder, name)));
  }
  return (
    asClosedVocabulary(json, configs, files) ?? new HuggingFaceTokenizer(json, files, findRoles(json, configs), place)
  );
}

/**
 * Recognises a file of `closedVocabulary`: writing it again would give the same document. Read as what it is, it
 * reports characters it cannot spell, where the general engine has nothing to say.
 */
function asClosedVocabulary(
  json: any,
  configs: readonly Record<string, any>[],
  files: TokenizerFiles,
): Tokenizer | undefined {
  if (json.model?.type !== "WordLevel" || json.model.unk_token !== "") return undefined;
  const tokens: string[] = [];
  for (const [token, id] of Object.entries<number>(json.model.vocab ?? {})) tokens[id] = token;
  const specialTokens: string[] = (json.added_tokens ?? []).map((token: any) => token.content);
  const specialIds = new Set(specialTokens.map((token) => tokens.indexOf(token)));
  if (!isDeepStrictEqual(json, tokenizerJson(tokens, specialIds))) return undefined;
  const options: ClosedVocabularyOptions = { specialTokens };
  for (const role of ["bos", "eos", "pad"] as const) options[role] = tokenText(configs[0]?.[`${role}_token`]);
  return new ClosedVocabulary(tokens, options, files);
}

/**
 * The first config that speaks of a role decides: those of the tokenizer spell the token, or say null for none (Qwen2
 * has no bos, whatever its generation_config.json says); those of the model give ids.
 */
function findRoles(json: any, configs: readonly Record<string, any>[]): TokenRoles {
  const addedIds = new Map<string, number>((json.added_tokens ?? []).map((token: any) => [token.content, token.id]));
  const vocab: unknown = json.model?.vocab;
  const idOf = (token: string): number | undefined => {
    if (addedIds.has(token)) return addedIds.get(token);
    if (Array.isArray(vocab)) return indexOrUndefined(vocab.findIndex(([content]) => content === token));
    return Object.hasOwn(vocab ?? {}, token) ? (vocab as Record<string, number>)[token] : undefined;
  };
  const role = (name: string): number[] => {
    for (const config of configs) {
      const field: unknown = config[`${name}_token`];
      if (field === null) return [];
      const token = tokenText(field);
      const id = token === undefined ? undefined : idOf(token);
      if (id !== undefined) return [id];
      const ids: unknown[] = [config[`${name}_token_id`]].flat();
      if (ids.every((value) => Number.isInteger(value))) return ids as number[];
    }
    return [];
  };
  const generation = [configs[2]?.eos_token_id].flat().filter((id) => Number.isInteger(id));
  return {
    bosId: role("bos")[0],
    eosId: role("eos")[0],
    padId: role("pad")[0],
    stopIds: [...new Set([...role("eos"), ...generation])],
  };
}

function indexOrUndefined(index: number): number | undefined {
  return index === -1 ? undefined : index;
}
