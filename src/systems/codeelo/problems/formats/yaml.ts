/** YAML files of a problem's folder. */
import { join } from "node:path";
import { parseYaml, type YamlMap } from "../../../../core/yaml.ts";
import { readText } from "./folder.ts";

/** A YAML file of the folder, whose top must be a map. @throws DataError naming file and line */
export async function readYaml(folder: string, path: string): Promise<YamlMap> {
  return parseYaml(await readText(folder, path), join(folder, path));
}
