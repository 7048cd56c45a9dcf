/**
 * A chain of thought that is asked for its answer now and then. Knob: probe intervals of T tokens; certaindex: share of
 * the last w probes that agree, and, where asked for, the probability of the trial answer. It ends by itself when the
 * model does, with the model's own answer; stopped before, its answer is that of the last probe that counted.
 * Source: Fu et al. 2024, arXiv 2412.20993, "Probe-in-the-middle". The probe's text is thrown away: the chain goes on
 * exactly where it was.
 */
import { BudgetError } from "../../../endpoint/budget.ts";
import type { TokenLogprob } from "../../../endpoint/endpoint.ts";
import { createProbeWindow, type ProbeSettings, probeSettings, readProbe } from "../probe/index.ts";
import { isFatal } from "./caller.ts";
import type { GenerateCall, Path, Program, ProgramContext } from "./program.ts";

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
          const isWanted = context.usesSignals || context.steps.length + 1 === context.cap; // the cap needs an answer
          const isDue = isWanted && hasEnough && failuresInARow < mostFailures;
          const probe = isDue ? await ask(context, chain, settings, withProbability) : undefined;
          if (isDue) failuresInARow = probe ? 0 : failuresInARow + 1;
          const reading = probe && readProbe(probe.text.slice(chain.text.length), settings);
          if (reading?.answer != null)
            sameAsLast = await findSame(context, answers.add(reading.answer), reading.answer);
          const { consistency } = isDue ? window.push(reading ?? null) : { consistency: undefined };
          const probability = reading?.answer == null ? undefined : trialProbability(probe?.logprobs);
          const probed = reading && !reading.isHesitant ? reading.answer : null;
          await context.report(
            { consistency, probability },
            { spent: [chain, probe], answer: window.lastAnswer, probed },
          );
        }
      }
    },
  };
}

async function findSame({ equal }: Pick<ProgramContext, "equal">, answers: ReadonlySet<string>, answer: string) {
  const same = new Set<string>();
  for (const other of answers) if (await equal(other, answer)) same.add(other);
  return same;
}

const tokensSoFar = ({ steps }: Pick<ProgramContext, "steps">) => steps.at(-1)?.tokens ?? 0;

/** Probes that fail in a row before no more are asked: the chain itself goes on. */
const mostFailures = 3;

/**
 * The probe's text comes with the stop text put back, so that the end of its box can be seen.
 * @returns undefined for a probe that failed: it says nothing, and the chain goes on
 */
async function ask(
  context: ProgramContext<ChainState>,
  chain: Path,
  settings: ProbeSettings,
  logprobs: boolean,
): Promise<Path | undefined> {
  const call: GenerateCall = {
    label: `probe ${context.steps.length}`,
    prefix: chain.text,
    suffix: settings.prompt,
    maxTokens: settings.maxProbeTokens,
    temperature: settings.temperature,
    topP: settings.topP,
    stop: stopTexts(settings.close),
    isProbe: true,
    ...(logprobs && { logprobs }),
  };
  let probe: Path;
  try {
    probe = await context.generate(call);
  } catch (error) {
    if (isFatal(error) || error instanceof BudgetError) throw error;
    return undefined;
  }
  if (probe.finishReason !== "stop") return probe;
  return { ...probe, text: probe.text + (probe.stopText ?? settings.close) };
}

/**
 * Where a probe may end. Not at the first brace: answers have braces of their own, `\frac{1}{2}}`; the last of them is
 * followed by what closes a formula or a line. Servers take four texts at most.
 */
function stopTexts(close: string): string[] {
  return close.startsWith("}") ? [close, "}$", "}\n", "}."] : [close];
}

/** Geometric mean of the probabilities of the answer's tokens. */
function trialProbability(logprobs: readonly TokenLogprob[] | undefined): number | undefined {
  if (!logprobs?.length) return undefined;
  return Math.exp(logprobs.reduce((sum, { logprob }) => sum + Math.min(0, logprob), 0) / logprobs.length);
}
