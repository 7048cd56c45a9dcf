/** The model that ships: it answers, wavers, is wrong, answers probes and judges prefixes as it was made to. */
import { afterAll, beforeAll, expect, suite, test } from "vitest";
import { Random } from "../../core/random.ts";
import { embeddedEndpoint, type LocalEndpoint } from "../../language/endpoint.ts";
import { reward } from "./chains/reward.ts";
import { majority, sampleEach } from "./chains/sample.ts";
import {
  chainsPrompting,
  chainsTask,
  parseProbe,
  type Question,
  type QuestionClass,
  renderPrompt,
  STEP_TOKENS,
  sampleQuestion,
  sampleQuestions,
  teach,
  trueAnswer,
} from "./world.ts";

let endpoint: LocalEndpoint;
beforeAll(async () => {
  endpoint = await embeddedEndpoint("chains");
});
afterAll(() => endpoint.close());

const questions = (one: QuestionClass, count: number) =>
  sampleQuestions(new Random(`shipped ${one}`), count, (rng) =>
    sampleQuestion(rng, { class: one, split: "validation" }),
  );

async function answers(asked: readonly Question[], n: number) {
  const prompts = asked.map((question) => renderPrompt(question, "fast"));
  const sampled = await sampleEach(endpoint.engine, prompts, { n, seed: 1, maxTokens: 64 });
  return sampled.map((branches) => branches.map(({ text }) => chainsPrompting.readAnswer(text)));
}
const share = (holds: readonly boolean[]) => holds.filter(Boolean).length / holds.length;

suite("models/chains", () => {
  test("is right on clean questions, never on broken ones, and now and then on noisy ones", async () => {
    const right: Record<string, number> = {};
    for (const one of ["clean", "noisy", "broken"] as const) {
      const asked = questions(one, 30);
      const given = await answers(asked, 5);
      right[one] = share(asked.flatMap((question, at) => given[at]!.map((answer) => answer === trueAnswer(question))));
      if (one === "clean") {
        expect(share(asked.map((question, at) => majority(given[at]!) === trueAnswer(question)))).toBeGreaterThan(0.9);
      }
    }
    expect(right.clean).toBeGreaterThan(0.9);
    expect(right.noisy).toBeGreaterThan(0.3);
    expect(right.noisy).toBeLessThan(0.6);
    expect(right.broken).toBeLessThan(0.1);
  });

  test("thinks longer for the same answer, through the endpoint as a base model", async () => {
    const [question] = questions("clean", 1);
    const task = chainsTask(question!, "think");
    const { choices } = await endpoint.complete({ prompt: task.text, temperature: 0 });
    expect(chainsPrompting.readAnswer(choices[0]!.text)).toBe(task.target);
    expect(choices[0]!.text).toContain("</think>");
  });

  test("a chat about 3+4*7 comes with its reasoning apart", async () => {
    // Sampled: the likeliest next thing is always one more re-check.
    const { choices } = await endpoint.chat({ messages: [{ role: "user", content: "3+4*7" }], seed: 1 });
    expect(choices[0]!.text).toBe("\\boxed{9}");
    expect(choices[0]!.reasoning).toMatch(/^①\+4=7②\*7=9/);
  });

  test("a probe tells the state so far, and in a re-check the result that is known", async () => {
    const rng = new Random("probes");
    const told: Record<"first" | "later", boolean[]> = { first: [], later: [] };
    for (const question of questions("clean", 60)) {
      const { tokens, current } = teach(question, "think", rng, { recheckCount: 1 });
      const first = STEP_TOKENS * rng.int(1, question.operations.length);
      const later = STEP_TOKENS * question.operations.length + rng.int(1, STEP_TOKENS * question.operations.length);
      for (const [pass, cut] of Object.entries({ first, later })) {
        const prompt = `${renderPrompt(question, "think")}${tokens.slice(0, cut).join("")}\\boxed{`;
        const { choices } = await endpoint.complete({ prompt, maxTokens: 1, temperature: 0 });
        told[pass as "first" | "later"].push(parseProbe(choices[0]!.text) === String(current[cut - 1]));
      }
    }
    expect(share(told.first)).toBeGreaterThan(0.9);
    expect(share(told.later)).toBeGreaterThan(0.8);
  });

  test("the reward tells what ? cannot give, and what comes of !, from what is right", async () => {
    const prompt = "<s>3①+4②?5③*7=<fast>";
    const right = await reward(endpoint.engine, `${prompt}①+4=7②?5=4`);
    const odd = await reward(endpoint.engine, `${prompt}①+4=7②?5=5`);
    const broken = await reward(endpoint.engine, "<s>3①+4②!5③*7=<fast>①+4=7②!5=2");
    expect(right).toBeGreaterThan(0.6);
    expect(odd).toBeLessThan(0.3);
    expect(broken).toBeLessThan(0.3);
  });
});
