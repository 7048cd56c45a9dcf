/** Where a server's key comes from: the environment, so that it stands in no command line, file or log. */
import { UsageError } from "../core/errors.ts";

/**
 * The key for a server. OPENAI_API_KEY goes only to OpenAI itself, or to the server that OPENAI_BASE_URL names:
 * a key must not reach a server it was not meant for because an address was typed.
 * @param name a variable to read instead (`--api-key-env`)
 * @throws UsageError when the named variable is empty
 */
export function readApiKey(
  url: string,
  name?: string,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  if (name) {
    const key = environment[name];
    if (key) return key;
    throw new UsageError(`The environment variable ${name} is empty`, { hint: `export ${name}=...` });
  }
  if (environment.POLYMATH_API_KEY) return environment.POLYMATH_API_KEY;
  const isOpenAi = /(^|\.)openai\.com$/.test(hostOf(url));
  const isNamed = environment.OPENAI_BASE_URL !== undefined && originOf(environment.OPENAI_BASE_URL) === originOf(url);
  return isOpenAi || isNamed ? environment.OPENAI_API_KEY : undefined;
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? "";
}

function originOf(url: string): string | undefined {
  return URL.parse(url)?.origin;
}
