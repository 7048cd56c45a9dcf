import { expect, suite, test } from "vitest";
import type { Capabilities, CapabilityName } from "../../../endpoint/endpoint.ts";
import { chatPrompting, choosePrompting, readMathsAnswer, textPrompting } from "./prompts.ts";

const names: CapabilityName[] = ["chat", "completions", "logprobs", "prefill"];
/** An endpoint that lacks some things. */
const lacking = (...missing: CapabilityName[]) => ({
  url: "http://x/v1",
  capabilities: async () =>
    Object.fromEntries(
      names.map((name) => [name, { status: missing.includes(name) ? "missing" : "works", why: `saw ${name}` }]),
    ) as Capabilities,
});
const whole = { prefill: false, logprobs: false };

suite("how questions are put", () => {
  test("chat where it does; text for base models and where it is asked for", async () => {
    expect(await choosePrompting(lacking(), "auto", whole)).toBe(chatPrompting);
    expect(await choosePrompting(lacking("prefill"), "auto", whole)).toBe(chatPrompting);
    expect(await choosePrompting(lacking("chat"), "auto", whole)).toBe(textPrompting);
    expect(await choosePrompting(lacking(), "completions", { ...whole, prefill: true })).toBe(textPrompting);
  });

  test.each([
    [
      lacking("prefill"),
      "auto",
      "http://x/v1 lacks the continuation of a begun answer (saw prefill)",
      "--prompting completions",
    ],
    [lacking("prefill", "completions"), "auto", "the continuation of a begun answer", "asks whole questions only"],
    [lacking("completions"), "completions", "lacks /completions (saw completions)", "self-consistency"],
    [lacking("chat"), "chat", "lacks chat (saw chat)", "--prompting completions"],
    [lacking("logprobs"), "auto", "http://x/v1 has no logprobs (saw logprobs)", "a server with logprobs"],
  ] as const)("what the program needs and the endpoint lacks is said: %#", async (endpoint, asked, message, hint) => {
    const error = await choosePrompting(endpoint, asked, { prefill: true, logprobs: true }).catch((caught) => caught);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  test("a guess inside unfinished thinking is no answer", () => {
    expect(readMathsAnswer("<think> maybe \\boxed{3}")).toBeNull();
    expect(readMathsAnswer("<think> maybe \\boxed{3}</think> so \\boxed{\\frac{1}{2}}")).toBe("\\frac{1}{2}");
    expect(readMathsAnswer("so \\boxed{4}")).toBe("4");
  });
});
