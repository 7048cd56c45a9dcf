/** What a person who started a server wants to know: where it is, and lines to try it with. */
import pc from "picocolors";
import { UsageError } from "../../core/errors.ts";

/** @throws UsageError when a variable is named but empty: a server meant to be closed must not stand open */
export function readServerKey(name: string | undefined, flag = "--api-key-env"): string | undefined {
  if (name === undefined) return undefined;
  const key = process.env[name];
  if (key) return key;
  throw new UsageError(`${flag}: the environment variable ${name} is empty`, { hint: `export ${name}=...` });
}

export interface ServerDescription {
  url: string;
  models: readonly string[];
  /** Name of the variable with the key; the key itself is never shown. */
  apiKeyEnv?: string | undefined;
}

export function describeServer({ url, models, apiKeyEnv }: ServerDescription): string {
  const model = models[0]!;
  // The embedded reasoner answers sums only.
  const content = model === "reasoner" ? "17+25+38" : "Why is the sky blue?";
  const body = JSON.stringify({ model, messages: [{ role: "user", content }], stream: true });
  const bearer = apiKeyEnv ? ` -H "Authorization: Bearer $${apiKeyEnv}"` : "";
  const apiKey = apiKeyEnv ? `process.env.${apiKeyEnv}` : '"none"';
  const keyFlag = apiKeyEnv ? ` --api-key-env ${apiKeyEnv}` : "";
  return [
    `${models.join(", ")} at ${pc.bold(url)}  ${pc.dim("(Ctrl-C stops)")}`,
    "",
    `  curl ${url}/chat/completions -H "Content-Type: application/json"${bearer} -d '${body.replaceAll("'", "'\\''")}'`,
    `  new OpenAI({ baseURL: "${url}", apiKey: ${apiKey} })`,
    `  polymath ask --endpoint ${url} --model ${model}${keyFlag} "${content}"`,
    "",
    "",
  ].join("\n");
}
