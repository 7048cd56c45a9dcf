/**
 * How long a server asks its clients to wait: `retry-after-ms` (OpenAI, Azure), `Retry-After` in seconds or as an HTTP
 * date (RFC 9110, section 10.2.3), else the time until the limit that is used up is reset (`x-ratelimit-reset-*`).
 */

/** @returns milliseconds from `now` on, at least 0; undefined when the server asks for nothing */
export function readRetryAfter(headers: Headers | undefined, now = Date.now()): number | undefined {
  if (!headers) return undefined;
  const ms = Number.parseFloat(headers.get("retry-after-ms") ?? "");
  if (ms >= 0) return ms;
  const after = headers.get("retry-after");
  if (after !== null) {
    const waitMs = /^\s*[\d.]+\s*$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now;
    if (!Number.isNaN(waitMs)) return Math.max(0, waitMs);
  }
  const waits = ["requests", "tokens"].flatMap((kind) => {
    const used = headers.get(`x-ratelimit-remaining-${kind}`);
    if (used !== null && Number(used) > 0) return []; // not the limit that was hit
    return parseReset(headers.get(`x-ratelimit-reset-${kind}`), now) ?? [];
  });
  const reset = waits.length > 0 ? Math.max(...waits) : parseReset(headers.get("x-ratelimit-reset"), now);
  return reset === undefined ? undefined : Math.max(0, reset);
}

/** `1s`, `6m0s`, `120ms` (OpenAI), a plain number of seconds, an epoch in seconds or milliseconds, or a date. */
function parseReset(text: string | null, now: number): number | undefined {
  if (!text) return undefined;
  const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  if (/^([\d.]+(ms|[smhd]))+$/.test(text)) {
    const parts = text.matchAll(/([\d.]+)(ms|[smhd])/g);
    return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit as keyof typeof units], 0);
  }
  const number = Number(text);
  if (Number.isNaN(number)) return Number.isNaN(Date.parse(text)) ? undefined : Date.parse(text) - now;
  if (number > 1e12) return number - now;
  return number > 1e9 ? number * 1000 - now : number * 1000;
}
