/** The turns of a conversation, the last of them growing while the model writes. */
import { useCallback, useRef, useState } from "react";
import type { AskLine, AskModel } from "../../../../src/server/studio/ask/contract.ts";
import { type CallError, stream } from "../../api/client.ts";

export interface Turn {
  id: number;
  question: string;
  thinking: string;
  answer: string;
  tokens: number;
  /** After each solution. */
  certainty: { tokens: number; value: number; answer: string }[];
  /** Where it would have stopped, or did. */
  settled: { tokens: number; answer: string } | null;
  end: Extract<AskLine, { kind: "end" }> | null;
  problem: { message: string; hint: string | null } | null;
  isHalted: boolean;
}

export interface Conversation {
  turns: readonly Turn[];
  isBusy: boolean;
  ask(model: AskModel, question: string, stop: boolean): Promise<void>;
  halt(): void;
  forget(): void;
}

export function useConversation(): Conversation {
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const [isBusy, setBusy] = useState(false);
  const controller = useRef<AbortController>(null);
  const known = useRef(turns);
  known.current = turns;

  const ask = useCallback(async (model: AskModel, question: string, stop: boolean) => {
    const before = known.current.filter(({ answer, problem }) => answer !== "" && problem === null);
    const messages = [
      ...before.flatMap((turn) => [
        { role: "user" as const, content: turn.question },
        { role: "assistant" as const, content: turn.answer },
      ]),
      { role: "user" as const, content: question },
    ];
    let turn = emptyTurn(question);
    let isDrawn = true;
    const draw = () => {
      isDrawn = true;
      const { id } = turn;
      setTurns((old) => old.map((one) => (one.id === id ? turn : one)));
    };
    setTurns((old) => [...old, turn]);
    setBusy(true);
    controller.current = new AbortController();
    const { signal } = controller.current;
    try {
      for await (const line of stream<AskLine>("ask.answer", { model: model.id, messages, stop }, signal)) {
        turn = withLine(turn, line);
        if (isDrawn) requestAnimationFrame(draw); // many tokens come between two frames
        isDrawn = false;
      }
    } catch (error) {
      const { message, hint } = error as CallError;
      turn = signal.aborted ? { ...turn, isHalted: true } : { ...turn, problem: { message, hint: hint ?? null } };
    }
    draw();
    setBusy(false);
  }, []);

  const halt = useCallback(() => controller.current?.abort(), []);
  const forget = useCallback(() => {
    controller.current?.abort();
    setTurns([]);
  }, []);
  return { turns, isBusy, ask, halt, forget };
}

let turnCount = 0;

function emptyTurn(question: string): Turn {
  const nothing = { thinking: "", answer: "", tokens: 0, certainty: [], settled: null, end: null, problem: null };
  return { id: ++turnCount, question, ...nothing, isHalted: false };
}

/** The turn after one more line. */
export function withLine(turn: Turn, line: AskLine): Turn {
  switch (line.kind) {
    case "thinking":
      return { ...turn, thinking: turn.thinking + line.text, tokens: line.tokens };
    case "answer":
      return { ...turn, answer: turn.answer + line.text, tokens: line.tokens };
    case "certainty": {
      const step = { tokens: line.tokens, value: line.value, answer: line.answers.at(-1)! };
      return { ...turn, certainty: [...turn.certainty, step] };
    }
    case "settled":
      return { ...turn, settled: line };
    case "end":
      return { ...turn, end: line, tokens: line.tokens };
    case "problem":
      return { ...turn, problem: line };
  }
}
