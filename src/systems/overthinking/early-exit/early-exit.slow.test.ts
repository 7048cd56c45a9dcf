/** Early exit on the model that ships, over 1,000 held-out sums: POLYMATH_SLOW=1 vitest run src/systems/overthinking */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Random } from "../../../core/random.ts";
import { embeddedEndpoint } from "../../../language/endpoint.ts";
import { modelsRoot } from "../../../language/models-root.ts";
import { sampleProblems } from "../world/problem.ts";
import { earlyExitFigures, measureEarlyExit } from "./measure.ts";

const isMissing = !existsSync(join(modelsRoot(), "reasoner", "config.json"));
if (isMissing) console.info("overthinking: there is no models/reasoner, so early exit is not measured");

test.skipIf(isMissing)(
  "at least 20 % fewer tokens at no more than 1 point of accuracy, levels 1 to 3, no training",
  async () => {
    const endpoint = await embeddedEndpoint("reasoner");
    try {
      const rows = await measureEarlyExit(endpoint, sampleProblems(new Random("early-exit"), 200, "test"));
      const easy = earlyExitFigures(rows.filter(({ level }) => level <= 3));
      for (const [name, figures] of [
        ["all levels", earlyExitFigures(rows)],
        ["levels 1 to 3", easy],
      ] as const) {
        const { saved, accuracyChange, fullTokens, earlyTokens, fullAccuracy, earlyAccuracy, problemCount } = figures;
        const percent = ({ value, low, high }: typeof saved) =>
          `${[value, low, high].map((share) => (100 * share).toFixed(1)).join(" / ")}`;
        console.info(
          `${name}, ${problemCount} sums: ${fullTokens.toFixed(1)} -> ${earlyTokens.toFixed(1)} tokens, saved % (95 %) ${percent(saved)}; accuracy ${(100 * fullAccuracy).toFixed(1)} -> ${(100 * earlyAccuracy).toFixed(1)}, change ${percent(accuracyChange)}`,
        );
      }
      expect(rows).toHaveLength(1000);
      expect(easy.saved.low).toBeGreaterThanOrEqual(0.2);
      expect(Math.abs(easy.accuracyChange.value)).toBeLessThanOrEqual(0.01);
    } finally {
      await endpoint.close();
    }
  },
);
