/**
 * A chain of thought that is asked for its answer now and then. Knob: probe intervals of T tokens; certaindex: share of
 * the last w probes that agree, and, where asked for, the probability of the trial answer. It ends by itself when the
 * model does, with the model's own answer; stopped before, its answer is that of the last probe that counted.
 * Source: Fu et al. 2024, arXiv 2412.20993, "Probe-in-the-middle". The probe's text is thrown away: the chain goes on
 * exactly where it was.
 */
import { BudgetError } from "../../../endpoint/budget.ts";
import {
  askProbe,
  createProbeWindow,
  isThinking,
  maxFailures,
  type ProbeResult,
  type ProbeSettings,
  probeSettings,
} from "../probe/index.ts";
import { isFatal } from "./caller.ts";
import type { Path, Program, ProgramContext } from "./program.ts";

export interface ChainOfThoughtSettings extends Partial<ProbeSettings> {
  /** Also report how likely the trial answer is; needs logprobs. Default false. */
  withProbability?: boolean;
}

export interface ChainState {
  consistency: number | undefined;
  probability: number | undefined;
}

export function chainOfThought({
  withProbability = false,
  ...given
}: ChainOfThoughtSettings = {}): Program<ChainState> {
  const settings = probeSettings(given);
  return {
    name: "chain-of-thought",
    updateCertaindex: ({ consistency, probability }) => ({
      ...(consistency !== undefined && { consistency }),
      ...(probability !== undefined && { probability }),
    }),
    async execute(context) {
      let sameAsLast = new Set<string>(); // of the answers so far
      const window = createProbeWindow(settings, (other) => sameAsLast.has(other));
      const answers = new Set<string>();
      let chain: Path | undefined;
      let failuresInARow = 0;
      for (let units = await context.grant(); units > 0; units = await context.grant()) {
        for (let unit = 0; unit < units; unit++) {
          const label = `chunk ${context.steps.length}`;
          const before = chain?.text ?? "";
          chain = await context.generate({ label, prefix: before, maxTokens: settings.interval });
          if (chain.finishReason !== "length") {
            const state = { consistency: undefined, probability: undefined };
            await context.report(state, { spent: [chain], answer: chain.answer ?? window.lastAnswer });
            return;
          }
          const hasEnough = tokensSoFar(context) + chain.tokens >= settings.minTokens;
          // The cap needs an answer. A model that is writing its own is not asked for it.
          const isWanted =
            (context.usesSignals && !isAnswering(chain.text, settings)) || context.steps.length + 1 === context.cap;
          const isDue = isWanted && hasEnough && failuresInARow < maxFailures;
          const { result, spent } = isDue ? await ask(context, chain, settings, withProbability) : noProbe;
          if (isDue) failuresInARow = result ? 0 : failuresInARow + 1;
          const answer = result?.answer ?? null;
          if (answer !== null) sameAsLast = await findSame(context, answers.add(answer), answer);
          const { consistency } = isDue ? window.push(result ?? null) : { consistency: undefined };
          const probability = answer === null ? undefined : result?.probability;
          const probed = result?.isHesitant ? null : answer;
          await context.report(
            { consistency, probability },
            { spent: [chain, ...spent], answer: window.lastAnswer, probed },
          );
        }
      }
    },
  };
}

/** Its thinking is over: what it writes now is the answer. */
const isAnswering = (text: string, { thinkingEnd }: ProbeSettings): boolean =>
  thinkingEnd !== null && text.includes(thinkingEnd) && !isThinking(text, thinkingEnd);

async function findSame({ equal }: Pick<ProgramContext, "equal">, answers: ReadonlySet<string>, answer: string) {
  const same = new Set<string>();
  for (const other of answers) if (await equal(other, answer)) same.add(other);
  return same;
}

const tokensSoFar = ({ steps }: Pick<ProgramContext, "steps">) => steps.at(-1)?.tokens ?? 0;

interface AskedProbe {
  /** Undefined for a probe that failed: it says nothing, and the chain goes on. */
  result: ProbeResult | undefined;
  /** Its calls, those before a failure included. */
  spent: Path[];
}

const noProbe: AskedProbe = { result: undefined, spent: [] };

/**
 * Only a probe that broke off counts as failed here, where the proxy also gives up after empty ones: a recording serves
 * other windows and floors, too, and what was never asked it could not tell.
 */
async function ask(
  context: ProgramContext<ChainState>,
  chain: Path,
  settings: ProbeSettings,
  logprobs: boolean,
): Promise<AskedProbe> {
  const label = `probe ${context.steps.length}`;
  const { temperature, topP } = settings;
  const spent: Path[] = [];
  try {
    const result = await askProbe(async (piece) => {
      const path = await context.generate({
        ...piece,
        label: spent.length === 0 ? label : `${label}, piece ${spent.length}`,
        prefix: chain.text,
        temperature,
        topP,
        isProbe: true,
        ...(logprobs && { logprobs }),
      });
      spent.push(path);
      return { ...path, text: path.text.slice(chain.text.length), logprobs: path.logprobs?.map((one) => one.logprob) };
    }, settings);
    return { result, spent };
  } catch (error) {
    if (isFatal(error) || error instanceof BudgetError) throw error;
    return { result: undefined, spent };
  }
}
