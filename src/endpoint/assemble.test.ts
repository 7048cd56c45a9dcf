import { expect, test } from "vitest";
import { createAssembler, estimateUsage } from "./assemble.ts";

test("pieces of several choices are put together; what has not ended counts as aborted", () => {
  const assembler = createAssembler();
  const logprobs = [{ token: "b", logprob: -1, top: [] }];
  assembler.add({ type: "delta", index: 1, reasoning: "hm" });
  assembler.add({ type: "delta", index: 0, text: "a" });
  assembler.add({ type: "delta", index: 0, text: "b", logprobs });
  assembler.finish(0, "stop", "END");
  expect([assembler.isFinished(1), assembler.isFinished(2)]).toEqual([true, false]);
  expect(assembler.choices()).toEqual([
    { text: "ab", finishReason: "stop", stopText: "END", logprobs },
    { text: "", reasoning: "hm", finishReason: "abort" },
  ]);
});

test("estimates: four characters a token, log-probabilities count exactly, pictures not at all", () => {
  const picture = { type: "image_url" as const, image_url: { url: "data:image/png;base64,AAAA" } };
  const content = [{ type: "text" as const, text: "12345678" }, picture];
  const request = { messages: [{ role: "user" as const, content }], prefill: "1234" };
  const token = { token: "x", logprob: 0, top: [] };
  const choices = [
    { text: "12345", finishReason: "stop" as const },
    { text: "12345678", finishReason: "stop" as const, logprobs: [token, token, token] },
  ];
  expect(estimateUsage({ kind: "chat", request }, choices)).toEqual({
    promptTokens: 7,
    completionTokens: 5,
    estimated: true,
  });
});
