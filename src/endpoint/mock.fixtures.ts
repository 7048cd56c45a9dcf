/** A mock server that closes when the test that started it ends. */
import { onTestFinished } from "vitest";
import { type MockOptions, type MockServer, startMockServer } from "./testing/index.ts";

export async function startMock(options?: MockOptions): Promise<MockServer> {
  const server = await startMockServer(options);
  onTestFinished(() => server.close());
  return server;
}
