/** What whoever started the proxy wants to know: where it is, what works before this model, and a line to try it with. */
import pc from "picocolors";
import type { Findings } from "../../server/certaindex/index.ts";

export interface ProxyDescription {
  url: string;
  upstream: string;
  findings: Pick<Findings, "model" | "lines">;
  /** What requests get that ask for nothing, in words. */
  fallback: string;
  apiKeyEnv?: string | undefined;
}

/** The models that ship answer these only. */
const questions: Readonly<Record<string, string>> = { chains: "3+4*7+1-2+8*3", reasoner: "17+25+38" };

export function describeProxy({ url, upstream, findings, fallback, apiKeyEnv }: ProxyDescription): string {
  const { model, lines } = findings;
  const content = questions[model] ?? "What is 17 * 24?";
  const dynasor = model === "chains" ? { certainty_window: 3 } : { probe_interval: 64, certainty_window: 5 };
  const body = JSON.stringify({ model, messages: [{ role: "user", content }], stream: true, dynasor });
  const bearer = apiKeyEnv ? ` -H "Authorization: Bearer $${apiKeyEnv}"` : "";
  return [
    `${model} of ${upstream} at ${pc.bold(url)}  ${pc.dim("(Ctrl-C stops)")}`,
    ...lines.map((line) => `  ${line}`),
    `  requests that ask for nothing: ${fallback}`,
    "",
    `  curl ${url}/chat/completions -H "Content-Type: application/json"${bearer} -d '${body}'`,
    "",
    "",
  ].join("\n");
}
