/** The pipelines that a worker can take part in, by name; a system is loaded when a run of its first comes up. */
import type { LedgerOptions } from "../../endpoint/index.ts";
import type { Pipeline } from "../../jobs/index.ts";

export interface OpenedPipeline {
  pipeline: Pipeline;
  close(): Promise<void>;
}

/** Makes a pipeline from the settings that its run was begun with. */
type OpenPipeline = (settings: unknown, account: LedgerOptions) => Promise<OpenedPipeline>;

const huatuo =
  (name: "huatuo-factory" | "huatuo-search" | "huatuo-merge"): OpenPipeline =>
  async (settings, account) => {
    const { openPipeline } = await import("../../systems/huatuogpt-o1/index.ts");
    return openPipeline(name, settings, account);
  };

export const pipelines: Readonly<Record<string, OpenPipeline>> = {
  "huatuo-factory": huatuo("huatuo-factory"),
  "huatuo-search": huatuo("huatuo-search"),
  "huatuo-merge": huatuo("huatuo-merge"),
};
