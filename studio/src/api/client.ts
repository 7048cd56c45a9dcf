/** The studio's calls, typed by the server's own contract. After a restart of the server the page takes its new token. */
import type { ErrorReply } from "../../../src/server/studio/call.ts";
import type { CallInput, CallName, CallReply } from "../../../src/server/studio/contract.ts";

/** What failed and what to do; `status` 0: the studio does not answer. */
export class CallError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly status: number;

  constructor({ code, message, hint }: ErrorReply["error"], status: number) {
    super(message);
    this.name = "CallError";
    this.code = code;
    this.hint = hint;
    this.status = status;
  }
}

let token = document.querySelector<HTMLMetaElement>('meta[name="polymath-token"]')?.content ?? "";

export async function call<Name extends CallName>(
  name: Name,
  input: CallInput<Name>,
  signal?: AbortSignal,
): Promise<CallReply<Name>> {
  const response = await send(name, input, signal);
  return (await response.json()) as CallReply<Name>;
}

/** The lines of a reply that is written while we read, each a JSON value. */
export async function* stream<Line>(name: CallName, input: unknown, signal?: AbortSignal): AsyncGenerator<Line> {
  const response = await send(name, input, signal);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (true) {
    const { value, done } = await reader.read();
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line) yield JSON.parse(line) as Line;
  }
}

/** Where a file of a run is shown or downloaded. */
export const fileUrl = (run: string, path: string): string =>
  `/files/${encodeURIComponent(run)}/${path.split("/").map(encodeURIComponent).join("/")}`;

async function send(name: CallName, input: unknown, signal?: AbortSignal): Promise<Response> {
  const response = await post(name, input, signal);
  if (response.status === 401 && (await renewToken())) return expectOk(await post(name, input, signal));
  return expectOk(response);
}

async function post(name: CallName, input: unknown, signal: AbortSignal | undefined): Promise<Response> {
  const headers = { "Content-Type": "application/json", "X-Polymath-Token": token };
  try {
    return await fetch(`/api/${name}`, {
      method: "POST",
      headers,
      body: JSON.stringify(input),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new CallError({ code: "offline", message: "The studio does not answer" }, 0);
  }
}

async function expectOk(response: Response): Promise<Response> {
  if (response.ok) return response;
  const body = (await response.json().catch(() => undefined)) as ErrorReply | undefined;
  throw new CallError(
    body?.error ?? { code: "fault", message: `The studio answered ${response.status}` },
    response.status,
  );
}

/** The studio was started anew: its page brings the token of this start. */
async function renewToken(): Promise<boolean> {
  const page = await fetch("/").catch(() => undefined);
  if (!page?.ok) return false;
  const found = /name="polymath-token" content="([^"]+)"/.exec(await page.text())?.[1];
  if (!found || found === token) return false;
  token = found;
  return true;
}
