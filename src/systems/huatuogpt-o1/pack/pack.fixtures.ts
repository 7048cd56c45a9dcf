/** A pack over questions of the invented clinic, its teacher behind a server, and a base of a few hundred weights. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { stringify } from "yaml";
import type { CommandContext } from "../../../core/command.ts";
import { createProgress } from "../../../core/progress.ts";
import { Random } from "../../../core/random.ts";
import type { Run } from "../../../core/run.ts";
import type { ChatMessage } from "../../../endpoint/index.ts";
import { type MockServer, startMockServer } from "../../../endpoint/testing/index.ts";
import { defineTinyDecoder, initDecoder } from "../../../language/decoder/index.ts";
import { saveModel } from "../../../language/hugging-face.ts";
import { closedVocabulary } from "../../../language/tokenizers/index.ts";
import { buildCommand } from "../commands/build.ts";
import { temporaryFolder } from "../teacher.fixtures.ts";
import { createClinic } from "../world/clinic.ts";
import { mcqSet } from "../world/mcq.ts";
import { clinicTeacher } from "../world/teacher.ts";
import { ASSISTANT, BOS, CHAT_TEMPLATE, EOS, PAD, VOCABULARY } from "../world/vocabulary.ts";

export const clinic = createClinic(0);
export const questions = mcqSet(clinic, 16).map(({ row }) => row);

/** The clinic's words, and every character of a keyboard: a multiple-choice question can be put to it. */
async function writeBase(folder: string, { hasTemplate = true } = {}): Promise<void> {
  const keyboard = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
  const tokens = [...new Set([...VOCABULARY, ...keyboard])];
  const tokenizer = closedVocabulary(tokens, { bos: BOS, eos: EOS, pad: PAD, specialTokens: [ASSISTANT] });
  const ends = [BOS, EOS, PAD].map((token) => tokenizer.tokenId(token)!);
  const sizes = { dim: 8, layers: 1, heads: 2 };
  const config = defineTinyDecoder(sizes, { vocabSize: tokens.length, maxPositions: 512, ends });
  mkdirSync(folder);
  await saveModel(folder, { config, params: initDecoder(config, new Random(0)), tokenizer });
  if (hasTemplate) await writeFile(join(folder, "chat_template.jinja"), CHAT_TEMPLATE);
}

export async function serveTeacher(delayMs = 0): Promise<MockServer> {
  const teacher = clinicTeacher(clinic);
  const server = await startMockServer({
    delayMs,
    async answer({ body }) {
      const messages = body.messages as ChatMessage[];
      const { choices } = await teacher.chat({ messages, ...(typeof body.seed === "number" && { seed: body.seed }) });
      return choices[0]!.text;
    },
  });
  onTestFinished(() => server.close());
  return server;
}

/** Writes the pack with all that it names into a folder of its own. @returns the pack's file */
export async function writePack(
  change: Record<string, unknown> = {},
  base?: Parameters<typeof writeBase>[1],
): Promise<string> {
  const folder = temporaryFolder();
  await writeBase(join(folder, "base"), base);
  writeFileSync(join(folder, "questions.json"), JSON.stringify(questions));
  const pack = {
    name: "the invented clinic",
    notice: "Nothing of this clinic is true.",
    questions: "questions.json",
    teacher: { endpoint: "http://127.0.0.1:9/v1", model: "mock" },
    // Questions of one template share long runs of text, which is no contamination here.
    holdout: { count: 3, decontaminate: false },
    search: { depth: 3, attempts: 3 },
    sft: { base: "base", epochs: 2, batch: 4, lr: 0.01 },
    eval: { maxTokens: 6 },
    ...change,
  };
  const file = join(folder, "pack.yaml");
  writeFileSync(file, stringify(pack));
  return file;
}

export const readOf = (run: Run, file: string) => JSON.parse(readFileSync(join(run.dir, file), "utf8"));

/** The command on this run; its process "dies" when the step of that name begins. */
export async function buildUntilDeath(run: Run, file: string, death?: string, warnings: string[] = []) {
  const parsed = buildCommand.options!.parse({});
  const context: CommandContext = {
    log: {
      debug: () => {},
      warn: (event) => void warnings.push(event),
      info(event, fields) {
        if (event === "step" && fields?.name === death) throw new Error("killed");
      },
    },
    progress: (given) => createProgress({ ...given, stream: { write: () => {} } }),
    ...{ signal: new AbortController().signal, run, interactive: false, json: true },
  };
  try {
    return await buildCommand.run([file], parsed, context);
  } finally {
    if (run.info.status === "running") run.interrupt();
  }
}
