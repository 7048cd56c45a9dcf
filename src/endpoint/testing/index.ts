/** Stand-ins for servers, for the tests of every system: `polymath/endpoint/testing`. */
export { type Fault, type FaultRates, type FaultScript, faultsBySeed } from "./faults.ts";
export { defaultAnswer, type MockAnswer, tokenize } from "./mock-answer.ts";
export type { MockBody, MockRequest } from "./mock-request.ts";
export {
  type MockCounts,
  type MockDialect,
  type MockOptions,
  type MockServer,
  type MockSkill,
  startMockServer,
} from "./mock-server.ts";
