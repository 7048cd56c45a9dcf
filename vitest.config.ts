/** Quick tests by default; `POLYMATH_SLOW=1` (npm run test:slow) runs the ones that train something. */
import { defineConfig } from "vitest/config";

const slow = process.env.POLYMATH_SLOW === "1";

export default defineConfig({
  test: {
    include: slow ? ["{src,test}/**/*.slow.test.ts"] : ["{src,test,studio/src}/**/*.test.ts"],
    exclude: slow ? ["**/node_modules/**"] : ["**/node_modules/**", "**/*.slow.test.ts"],
    setupFiles: ["test/setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: slow ? 1_800_000 : 60_000,
    hookTimeout: 120_000,
  },
});
