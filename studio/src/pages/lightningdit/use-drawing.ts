/** A drawing under way: its frames as they come, and how it ended. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { CallInput } from "../../../../src/server/studio/contract.ts";
import type { DrawLine } from "../../../../src/server/studio/lightningdit/contract.ts";
import { type CallError, stream } from "../../api/client.ts";

export type Asked = Required<CallInput<"lightningdit.draw">>;
export type Frame = Extract<DrawLine, { kind: "frame" }>;

export interface Drawing {
  asked: Asked;
  isWaiting: boolean;
  frames: readonly Frame[];
  end: Extract<DrawLine, { kind: "end" }> | null;
  problem: { message: string; hint: string | null } | null;
  isHalted: boolean;
}

export function useDrawing() {
  const [drawing, setDrawing] = useState<Drawing>();
  const [isBusy, setBusy] = useState(false);
  const controller = useRef<AbortController>(null);
  // Whoever leaves the page ends the drawing.
  useEffect(() => () => controller.current?.abort(), []);

  const draw = useCallback(async (asked: Asked) => {
    controller.current?.abort();
    const own = new AbortController();
    controller.current = own;
    let now: Drawing = { asked, isWaiting: false, frames: [], end: null, problem: null, isHalted: false };
    const show = (next: Drawing) => {
      now = next;
      if (controller.current === own) setDrawing(now);
    };
    show(now);
    setBusy(true);
    try {
      for await (const line of stream<DrawLine>("lightningdit.draw", asked, own.signal)) show(withLine(now, line));
    } catch (error) {
      const { message, hint } = error as CallError;
      const ending = own.signal.aborted ? { isHalted: true } : { problem: { message, hint: hint ?? null } };
      show({ ...now, isWaiting: false, ...ending });
    }
    if (controller.current === own) setBusy(false);
  }, []);

  const halt = useCallback(() => controller.current?.abort(), []);
  return { drawing, isBusy, draw, halt };
}

/** The drawing after one more line. */
function withLine(drawing: Drawing, line: DrawLine): Drawing {
  switch (line.kind) {
    case "wait":
      return { ...drawing, isWaiting: true };
    case "frame":
      return { ...drawing, isWaiting: false, frames: [...drawing.frames, line] };
    case "end":
      return { ...drawing, end: line };
    case "problem":
      return { ...drawing, isWaiting: false, problem: line };
  }
}
