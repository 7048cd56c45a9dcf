import { expect, test } from "vitest";
import { readRetryAfter } from "./retry-after.ts";

const now = Date.parse("2025-01-01T00:00:00Z");

test.each([
  [{ "retry-after": "2" }, 2_000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after-ms": "30", "retry-after": "2" }, 30],
  [{ "retry-after": "Wed, 01 Jan 2025 00:01:00 GMT" }, 60_000],
  [{ "retry-after": "Tue, 31 Dec 2024 23:00:00 GMT" }, 0],
  [{ "retry-after": "soon" }, undefined],
  [{ "x-ratelimit-reset-requests": "6m0s" }, 360_000],
  [{ "x-ratelimit-reset-tokens": "120ms", "x-ratelimit-reset-requests": "1s" }, 1_000],
  // The limit on requests has room left: only that on tokens counts.
  [
    { "x-ratelimit-reset-tokens": "120ms", "x-ratelimit-reset-requests": "1h", "x-ratelimit-remaining-requests": "5" },
    120,
  ],
  [{ "x-ratelimit-reset": String(now / 1000 + 10) }, 10_000],
  [{ "x-ratelimit-reset": String(now + 10) }, 10],
  [{ "x-ratelimit-reset": "3" }, 3_000],
  [{}, undefined],
])("%j asks for %s ms", (headers, expected) => {
  expect(readRetryAfter(new Headers(headers as Record<string, string>), now)).toBe(expected);
});
