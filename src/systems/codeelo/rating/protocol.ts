/**
 * The card that goes with every rating. Bare numbers do not compare: the order of submissions moves a rating by up to
 * 394, the choice of contests by up to 1,122 (arXiv 2602.05891), so two ratings are compared only under one protocol.
 */
import { z } from "zod";
import { canonical } from "../../../core/canonical.ts";
import { UsageError } from "../../../core/errors.ts";

export type Protocol = z.output<typeof Protocol>;
export const Protocol = z.object({
  /** Ids of the contests, sorted. */
  contests: z.array(z.string()),
  attempts: z.int().min(1),
  /** Whether attempts go on after the first accepted one. */
  submits: z.enum(["all", "until-accepted"]),
  language: z.string(),
  /** Which judge, and its version. */
  judge: z.string(),
  /** Temperature and the like, the prompt's version. */
  sampling: z.record(z.string(), z.unknown()),
  scoring: z.enum(["minute-0", "timed"]),
  ties: z.enum(["mid", "worst"]),
  newcomerRating: z.union([z.number(), z.literal("as is")]),
});

/** What differs between two cards, by field. */
export function protocolDifferences(a: Protocol, b: Protocol): { field: string; a: unknown; b: unknown }[] {
  return Object.keys(Protocol.shape)
    .map((field) => ({ field, a: a[field as keyof Protocol], b: b[field as keyof Protocol] }))
    .filter((pair) => JSON.stringify(canonical(pair.a)) !== JSON.stringify(canonical(pair.b)));
}

/** @throws UsageError that names what differs, unless `force` */
export function requireSameProtocol(a: Protocol, b: Protocol, force = false): void {
  const differences = protocolDifferences(a, b);
  if (differences.length === 0 || force) return;
  const shown = differences.map(({ field, ...pair }) => `${field}: ${shorten(pair.a)} against ${shorten(pair.b)}`);
  throw new UsageError(`The two ratings were made under different protocols: ${shown.join("; ")}`, {
    hint: "Rate both under one protocol; --force compares them all the same.",
  });
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
