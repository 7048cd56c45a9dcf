/**
 * A scripted teacher behind OpenAI's API, and the published rows that it knows the answers of. It reads what it is asked
 * for out of our prompts, and misbehaves as real ones do: JSON that breaks off, actions in the wrong order, sentences in
 * place of labels, refusals, filtered replies; `faults` adds 429, 5xx, garbled bodies and servers that never answer.
 * What it says follows from the request alone, so that a killed run hears the same again.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { CommandContext } from "../../core/command.ts";
import { createProgress } from "../../core/progress.ts";
import { Random } from "../../core/random.ts";
import { openRun, type Run } from "../../core/run.ts";
import { faultsBySeed, type MockAnswer, type MockOptions, type MockRequest } from "../../endpoint/testing/index.ts";
import { defaultPrompts, type PromptName } from "./prompts/defaults.ts";
import { type Action, answerField, questionField } from "./schemas.ts";
import { exactMatch } from "./search/verifiers.ts";

export interface DemoRow extends Record<string, unknown> {
  question: string;
  options: Record<string, string>;
  answer_idx: string;
  answer: string;
}

export const demoFile = join(import.meta.dirname, "../../../../shared/data/huatuogpt-o1-demo.json");
export const isDemoMissing = !existsSync(demoFile);
export const demoText = isDemoMissing ? "[]" : readFileSync(demoFile, "utf8");
export const demoRows: DemoRow[] = JSON.parse(demoText);
if (isDemoMissing) console.info("huatuogpt-o1: ../shared/data is missing, so the tests on real data are skipped");

/** Invented problems in the form of the published ones, for machines without those. */
export function inventedRows(count: number): DemoRow[] {
  const metals = ["copper", "nickel", "cobalt", "silver", "tungsten"];
  return Array.from({ length: count }, (_, index) => {
    const right = index % metals.length;
    const question = `Prospector number ${index} melts a grey sample at the heat of a small oven, then files it, and finds in the dust the colour that its salts are known for. Which metal is it most likely?`;
    const problem = `A grey sample numbered ${index} is melted and filed, and its salts have a known colour. Which metal is it?`;
    return {
      question,
      options: Object.fromEntries(metals.map((metal, at) => ["ABCDE"[at]!, metal])),
      answer_idx: "ABCDE"[right]!,
      answer: metals[right]!,
      [questionField]: problem,
      [answerField]: metals[right]!,
    };
  });
}

export interface TeacherScript {
  rows: readonly DemoRow[];
  /** How it misbehaves; default not at all. */
  isUnruly?: boolean;
  /** Share of first conclusions, and of refinements, that are right; default 0.4 and 0.4. */
  skill?: number;
}

const beginnings = (Object.entries(defaultPrompts) as [PromptName, string][]).map(
  ([name, text]) => [name, text.split("{{")[0]!, text] as const,
);

/** Which of our prompts a message is. */
function purposeOf(message: string): PromptName {
  const found = beginnings.filter(([, beginning]) => message.startsWith(beginning));
  if (found.length === 1) return found[0]![0];
  // Those that begin alike differ in the sentence after the chain.
  const sentence = (text: string) => text.split("</reasoning so far>")[1]!.split("{{answer}}")[0]!;
  const exact = found.find(([, , text]) => text.includes("</reasoning so far>") && message.includes(sentence(text)));
  if (exact) return exact[0];
  if (message.includes("<reasoning so far>")) throw new Error("a prompt that nobody wrote");
  return "init";
}

const tagged = (message: string, tag: string): string =>
  new RegExp(`<${tag}>\\n([\\s\\S]*?)\\n</${tag}>`).exec(message)?.[1] ?? "";

export function scriptedTeacher({ rows, isUnruly = false, skill = 0.4 }: TeacherScript): MockOptions {
  const byQuestion = new Map(
    rows.flatMap((row) => [[row.question, row] as const, [row[questionField] as string, row]]),
  );

  function answer({ body }: MockRequest): string | MockAnswer {
    const users = body.messages!.filter(({ role }) => role === "user").map(({ content }) => String(content));
    const [message] = users as [string];
    const isAgain = users.length > 1;
    const purpose = purposeOf(message);
    const random = new Random(0).split(`${message} ${body.seed ?? ""}`);
    const mood = isUnruly ? random.split("mood").next() : 1;
    const row = byQuestion.get(tagged(message, "problem") || tagged(message, "question"));
    const right = String(row?.[answerField] ?? "");
    const isRight = random.bool(skill);
    switch (purpose) {
      case "weak":
        return "I do not know.\nAnswer: A";
      case "filter":
        if (mood < 0.1 && !isAgain) return "This question does not pass the second test.";
        if (mood < 0.12) return { text: "", finishReason: "content_filter" };
        return mood < 0.2 ? "**Ambiguous Answer**" : "Label: Pass";
      case "reformat": {
        if (mood < 0.1 && !isAgain) return '{"Open-ended Verifiable Question": "What';
        if (mood < 0.15 && !isAgain) return "I'm sorry, but I can't help with that.";
        const key = mood < 0.3 ? "Standard Answer" : answerField;
        return `Here it is:\n\`\`\`json\n${JSON.stringify({ [questionField]: row![questionField], [key]: right })}\n\`\`\``;
      }
      case "init":
        return unruly(mood, isAgain, chain(false, isRight ? right : wrongOf(row!, right, random)));
      case "reveal":
        return JSON.stringify({ CoT: chain(true, right) });
      case "verify": {
        const isSame = exactMatch(tagged(message, "response"), tagged(message, "reference"));
        if (mood < 0.05 && !isAgain) return isSame ? "That is not untrue." : "Untrue.";
        return isSame ? "True" : "False.";
      }
      case "natural": {
        if (mood < 0.1 && !isAgain) return JSON.stringify({ NaturalReasoning: "All on one line." });
        const lines = tagged(message, "protocol")
          .split("\n")
          .filter((line) => line && !line.startsWith("###"));
        const leak = mood < 0.15 ? ["The answer key says so."] : [];
        return JSON.stringify({ NaturalReasoning: [...lines, ...leak].map((line) => `Hmm. ${line}`).join("\n") });
      }
      case "respond":
        return `It is ${right}. This is what the signs point to.`;
      default:
        return unruly(mood, isAgain, chain(true, isRight ? right : wrongOf(row!, right, random)));
    }
  }

  function unruly(mood: number, isAgain: boolean, actions: Action[]): string | MockAnswer {
    if (mood < 0.04) return { text: "I cannot discuss this.", finishReason: "content_filter" };
    if (mood < 0.08) return "I'm sorry, but I can't help with that.";
    if (mood < 0.14 && !isAgain) return JSON.stringify({ CoT: actions.toReversed() });
    if (mood < 0.2 && !isAgain) return JSON.stringify({ CoT: actions }).slice(0, -60);
    return JSON.stringify({ CoT: actions });
  }

  return {
    answer,
    ...(isUnruly && {
      faults: faultsBySeed(3, { rateLimit: 0.04, overload: 0.02, hang: 0.003, html: 0.005, malformed: 0.01 }),
    }),
  };
}

/** @param isRefinement begins with the Verification of what was there */
function chain(isRefinement: boolean, conclusion: string): Action[] {
  return [
    ...(isRefinement
      ? [{ action: "Verification" as const, content: "Wait, one sign does not fit this conclusion." }]
      : []),
    { action: "Inner Thinking", title: "What stands out", content: "Let me look at what was found and what was not." },
    { action: "Inner Thinking", title: "Where it leads", content: "Together the signs point in one direction." },
    { action: "Final Conclusion", content: `So the answer is: ${conclusion}` },
    { action: "Verification", content: "Each sign agrees with it." },
  ];
}

function wrongOf({ options }: DemoRow, right: string, random: Random): string {
  const wrong = Object.values(options).filter((text) => !exactMatch(text, right) && !exactMatch(right, text));
  return random.choice(wrong.length > 0 ? wrong : ["nothing of the kind"]);
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "huatuo-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface AnyCommand<Result> {
  name: string;
  options?: { parse(value: unknown): any };
  run(args: any, options: any, context: CommandContext): Promise<Result> | Result;
}

/** Runs a command as the command line does, in a run folder of the test's own. */
export async function runHere<Result>(
  command: AnyCommand<Result>,
  args: string[],
  options: Record<string, unknown>,
): Promise<{ result: NonNullable<Result>; warnings: string[]; run: Run }> {
  const run = await openRun({ command: command.name, args, options, root: temporaryFolder() });
  const warnings: string[] = [];
  const stream = { write: () => {} };
  const context: CommandContext = {
    log: { info: () => {}, debug: () => {}, warn: (event) => void warnings.push(event) },
    progress: (given) => createProgress({ ...given, stream }),
    signal: new AbortController().signal,
    run,
    interactive: false,
    json: true,
  };
  try {
    const result = await command.run(args, command.options?.parse(options), context);
    return { result: result!, warnings, run };
  } finally {
    if (run.info.status === "running") run.interrupt();
  }
}
