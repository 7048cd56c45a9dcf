/** Keys and passwords never reach a file: found by the names of options, the names of variables, and in URLs. */

export const redacted = "[redacted]";

/** A copy without secrets: values under names such as apiKey, token or password, and passwords inside URLs. */
export function redact<T>(value: T): T {
  if (typeof value === "string") return redactUrl(value) as T;
  if (Array.isArray(value)) return value.map(redact) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecretName(name) && inner ? redacted : redact(inner)]),
  ) as T;
}

/**
 * A function that blanks the given secrets wherever they occur in a text, e.g. in the message of a failed call.
 * Sources: secret-named fields of `value`, and the environment.
 */
export function createScrubber(value: unknown, environment: NodeJS.ProcessEnv = process.env): (text: string) => string {
  const secrets = [...secretValues(value), ...secretValues(environment)]
    .filter((secret) => secret.length >= 8) // shorter ones are words of the language: blanking them would eat text
    .map((secret) => JSON.stringify(secret).slice(1, -1))
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, redacted), text);
}

/** `apiKey`, `OPENAI_API_KEY`, `hub-token`, `password`; but not `maxTokens`, `tokenizer` or `sortKey`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const last = words.at(-1)!;
  if (
    /^(apikey|token|secret|secrets|password|passwd|passphrase|credential|credentials|authorization|cookie)$/.test(last)
  )
    return true;
  return last === "key" && /^(api|access|secret|private|auth|encryption|signing|account)$/.test(words.at(-2) ?? "");
}

function* secretValues(value: unknown): Generator<string> {
  if (typeof value === "string") {
    const password = urlPassword.exec(value)?.[2];
    if (password) yield password;
  } else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner === "string" && isSecretName(name)) yield inner;
      else yield* secretValues(inner);
    }
  }
}

const urlPassword = /([a-z][a-z0-9+.-]*:\/\/[^/?#\s:@]*:)([^/?#\s@]+)(?=@)/i;

/** `postgres://me:secret@host/db` keeps all but the password; so do `?api_key=` and its like. */
function redactUrl(text: string): string {
  return text
    .replace(new RegExp(urlPassword, "gi"), `$1${redacted}`)
    .replace(/([?&]([\w-]+)=)([^&#\s]+)/g, (all, start, name) => (isSecretName(name) ? start + redacted : all));
}
