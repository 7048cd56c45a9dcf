import { expect, suite, test } from "vitest";
import { validate } from "../../../core/schema.ts";
import { DialectFields, readDialect } from "./dialects.ts";

const read = (body: object) => readDialect(DialectFields.parse(body));

suite("the dialects", () => {
  test.each([
    [{ dynasor: { saving_effort: "mid" } }, { settings: { window: 3, interval: 64 }, effort: "mid" }],
    [{ dynasor: { saving_effort: "none" } }, { settings: {}, effort: "none" }],
    [
      { dynasor: { probe_interval: 48, certainty_window: 4 } },
      { settings: { window: 4, interval: 48 }, effort: undefined },
    ],
    [
      {
        adaptive_compute: {
          mode: "prompting",
          probe_text: "So \\boxed{",
          probe_text_end: "}",
          certainty_window: 2,
          token_interval: 32,
        },
      },
      { settings: { window: 2, interval: 32, prompt: "So \\boxed{", close: "}" }, effort: undefined },
    ],
    [{ dynasor: { policy: "math", min_tokens: 500 } }, { settings: { minTokens: 500 }, policy: "math" }],
    [
      { dynasor: { saving_effort: "mid", certainty_window: 9 } },
      { settings: { window: 9, interval: 64 }, effort: "mid" },
    ],
    [{ dynasor: {} }, { settings: {}, effort: undefined, policy: undefined }],
    [
      { dynasor: { saving_effort: "low" }, x_certaindex: { program: "p7" } },
      { settings: { window: 5, interval: 64 }, program: "p7" },
    ],
  ])("%j", (body, expected) => expect(read(body)).toMatchObject(expected));

  test("bodies without our fields say nothing", () => {
    expect(read({ model: "m", messages: [] })).toBeUndefined();
    expect(read({ dynasor: null })).toBeUndefined();
    expect(read({ x_certaindex: { program: "p" } })).toBeUndefined();
  });

  test.each([
    [{ dynasor: { probe_interval: 0 } }, "dynasor.probe_interval: expected a whole number of at least 1"],
    [{ dynasor: { certainty_window: 0 } }, "dynasor.certainty_window: expected a whole number of at least 2"],
    [{ dynasor: { threshold: 1.5 } }, "dynasor.threshold: expected a number above 0 and at most 1"],
    [{ dynasor: { saving_effort: "middle" } }, 'dynasor.saving_effort: expected one of "mild", "low"'],
    [{ dynasor: { probe_intervall: 32 } }, 'dynasor: unknown field "probe_intervall"'],
    [{ adaptive_compute: { mode: "sampling" } }, 'adaptive_compute.mode: expected "prompting"'],
  ])("%j names the field", (body, message) => {
    const result = validate(DialectFields, body) as { problem: { message: string } };
    expect(result.problem.message).toContain(message);
  });
});
