/** A pack from its file: checked as a whole before anything is paid, with every path taken from the pack's own folder. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { DataError } from "../../../core/errors.ts";
import { readJson } from "../../../core/json.ts";
import { validate } from "../../../core/schema.ts";
import { readYaml } from "../../../core/yaml.ts";
import { parseDecoderConfig } from "../../../language/decoder/index.ts";
import { ChatTemplate, loadTokenizer } from "../../../language/tokenizers/index.ts";
import { checkSftModel } from "../sft/examples.ts";
import { expandPack, Pack } from "./schema.ts";

/** @throws DataError naming the file and the line or the field at fault; ConfigError for a base that cannot be trained */
export async function readPack(file: string): Promise<Pack> {
  const result = validate(Pack, expandPack(await readYaml(file)));
  if ("problem" in result) throw new DataError(`${file}: ${result.problem.message}`, { hint: result.problem.hint });
  const pack = withPaths(result.value, file);
  await checkBase(pack);
  return pack;
}

function withPaths(pack: Pack, file: string): Pack {
  const folder = dirname(resolve(file));
  const at = (field: string, path: string, inside = "") => {
    const whole = resolve(folder, path);
    if (existsSync(join(whole, inside))) return whole;
    const what = inside ? `${whole} is no model folder: it has no ${inside}` : `no such file: ${whole}`;
    throw new DataError(`${file}: ${field}: ${what}`, { hint: "Paths are taken from the folder of the pack." });
  };
  const maybe = (field: string, path: string | undefined, inside?: string) =>
    path === undefined ? undefined : at(field, path, inside);
  const model = (field: string, place: string) =>
    place.startsWith("local:") ? `local:${at(field, place.slice("local:".length), "config.json")}` : place;
  const verifier = (field: string, name: string) =>
    name === "llm" || name === "exact" ? name : at(field, name, "config.json");
  const { teacher, judge, search, sft, rl } = pack;
  return {
    ...pack,
    questions: at("questions", pack.questions),
    teacher: { ...teacher, endpoint: model("teacher.endpoint", teacher.endpoint) },
    judge: judge === undefined ? undefined : model("judge", judge),
    weak: pack.weak.map((place, index) => model(`weak[${index}]`, place)),
    prompts: maybe("prompts", pack.prompts),
    decontaminate: pack.decontaminate.map((path, index) => at(`decontaminate[${index}]`, path)),
    search: {
      ...search,
      strategies: maybe("search.strategies", search.strategies),
      verifier: verifier("search.verifier", search.verifier),
    },
    sft: { ...sft, base: at("sft.base", sft.base, "config.json"), mix: maybe("sft.mix", sft.mix) },
    verifier: {
      ...pack.verifier,
      folder: maybe("verifier.folder", pack.verifier.folder, "config.json"),
      train: maybe("verifier.train", pack.verifier.train),
      base: maybe("verifier.base", pack.verifier.base, "config.json"),
    },
    rl: rl && {
      ...rl,
      second: rl.second === undefined ? undefined : verifier("rl.second", rl.second),
      secondJudge: rl.secondJudge === undefined ? undefined : model("rl.secondJudge", rl.secondJudge),
      valueModel: maybe("rl.valueModel", rl.valueModel, "config.json"),
    },
    eval: { ...pack.eval, file: maybe("eval.file", pack.eval.file) },
  };
}

/** What `huatuo sft` would refuse after the teacher was paid is refused before. */
async function checkBase({ sft: { base: folder, maxLength } }: Pack): Promise<void> {
  const file = join(folder, "config.json");
  const config = parseDecoderConfig(await readJson(file, z.looseObject({})), file);
  const [tokenizer, template] = await Promise.all([loadTokenizer(folder), ChatTemplate.load(folder)]);
  checkSftModel({ config, tokenizer, template, folder }, maxLength ?? 0);
}
