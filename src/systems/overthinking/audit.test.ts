import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, suite, test } from "vitest";
import { auditFile, auditSums } from "./audit.ts";
import { createBoundaryAudit, createClusterAudit } from "./segment/audit.ts";

const example = join(import.meta.dirname, "../../../../shared/data/overthinking-example.jsonl");
if (!existsSync(example)) console.info("overthinking: ../shared/data is missing, so the audit of real cuts is skipped");

suite("audit", () => {
  test("1,000 traces of Sums: boundary F1 at least 0.98, adjusted Rand index at least 0.9", () => {
    const { traceCount, cuts, adjustedRand } = auditSums(1000, "test");
    console.info(`Sums: F1 ${cuts.f1.toFixed(4)}, adjusted Rand ${adjustedRand.toFixed(4)}`);
    expect(traceCount).toBe(1000);
    expect(cuts.trueCount).toBeGreaterThan(2000);
    expect(cuts.f1).toBeGreaterThanOrEqual(0.98);
    expect(adjustedRand).toBeGreaterThanOrEqual(0.9);
  });

  test("boundary F1 by hand: 2 of 3 found cuts are true, of 4 true ones", () => {
    const audit = createBoundaryAudit();
    audit.add([10, 20, 31], [10, 20, 30, 40]);
    expect(audit.score()).toMatchObject({ precision: 2 / 3, recall: 1 / 2, f1: 4 / 7 });
    const tolerant = createBoundaryAudit();
    tolerant.add([10, 20, 31], [10, 20, 30, 40], 1);
    expect(tolerant.score().recall).toBe(3 / 4);
  });

  test("adjusted Rand index by hand, and of the extremes", () => {
    const score = (found: string, truth: string) => {
      const audit = createClusterAudit();
      audit.add([...found], [...truth]);
      return audit.adjustedRand();
    };
    expect(score("aabb", "xxyy")).toBe(1);
    // Pairs: together in both 0, in found only 2, in truth only 2, in neither 2: 2 (0 · 2 - 2 · 2) / (2 · 4 + 2 · 4).
    expect(score("aabb", "xyxy")).toBe(-0.5);
    expect(score("aaaa", "xyxy")).toBe(0);
    expect(score("a", "x")).toBe(1);
  });

  test.skipIf(!existsSync(example))("real cuts by a model: read, aligned and scored", async () => {
    const { traceCount, cuts, adjustedRand } = await auditFile(example);
    console.info(`five traces cut by a model: F1 ${cuts.f1.toFixed(3)}, adjusted Rand ${adjustedRand.toFixed(3)}`);
    expect([traceCount, cuts.trueCount]).toEqual([5, 15]);
    expect(cuts.f1).toBeGreaterThan(0);
  });
});
