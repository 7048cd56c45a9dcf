/** Floor 1: models behind one contract, wherever they run. */
export { addUsage, createAssembler, estimateTokens } from "./assemble.ts";
export { type Budget, BudgetError, type BudgetLimits, createBudget, withBudget } from "./budget.ts";
export { CacheMissError, type CacheMode, type CacheOptions, withCache } from "./cache/with-cache.ts";
export { createLimiter, type Limiter, withConcurrency } from "./concurrency.ts";
export * from "./endpoint.ts";
export * from "./errors.ts";
export { readApiKey } from "./keys.ts";
export { type Ledger, LedgerEntry, type LedgerTotals, openLedger } from "./ledger/ledger.ts";
export { type PriceTable, readPrices } from "./ledger/prices.ts";
export { recordCalls } from "./ledger/record-calls.ts";
export { type CapabilityStore, capabilityFolder, capabilityNames } from "./openai/capabilities.ts";
export { listModels, type OpenAiOptions, openAiEndpoint } from "./openai/endpoint.ts";
export type { PrefillDialect, RenderChat } from "./openai/prefill.ts";
export { type RetryOptions, withRetries } from "./retries.ts";
export { type AskJsonOptions, askJson, extractJson, type JsonAnswer, StructuredOutputError } from "./structured.ts";
export { type LedgerOptions, withLedger } from "./with-ledger.ts";
