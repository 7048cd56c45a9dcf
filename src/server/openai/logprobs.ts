/** Log-probabilities in the two shapes of OpenAI's API: a list of objects for chats, parallel lists for completions. */
import type { TokenLogprob } from "../../endpoint/endpoint.ts";

const encoder = new TextEncoder();

/** A token may be a part of a character, so its bytes come along. */
function withBytes({ token, logprob }: { token: string; logprob: number }) {
  return { token, logprob, bytes: Array.from(encoder.encode(token)) };
}

export function chatLogprobs(logprobs: readonly TokenLogprob[]) {
  return {
    content: logprobs.map((entry) => ({ ...withBytes(entry), top_logprobs: entry.top.map(withBytes) })),
    refusal: null,
  };
}

/** @param offset where the first token begins in the choice's text, characters */
export function completionLogprobs(logprobs: readonly TokenLogprob[], offset: number) {
  let at = offset;
  const offsets = logprobs.map(({ token }) => {
    const start = at;
    at += token.length;
    return start;
  });
  return {
    tokens: logprobs.map(({ token }) => token),
    token_logprobs: logprobs.map(({ logprob }) => logprob),
    // The token written is always among them, also when others were likelier.
    top_logprobs: logprobs.map(({ token, logprob, top }) =>
      Object.fromEntries([...top.map((other) => [other.token, other.logprob]), [token, logprob]]),
    ),
    text_offset: offsets,
  };
}
