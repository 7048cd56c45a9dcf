import { useText } from "../../i18n/language.tsx";
import { Problem } from "../../ui/problem.tsx";
import { CertaintyStrip } from "./certainty-strip.tsx";
import type { Turn } from "./use-conversation.ts";

/** A question, the thinking about it, and the answer. */
export function TurnView({ turn }: { turn: Turn }) {
  const text = useText();
  const { question, thinking, answer, tokens, certainty, settled, end, problem, isHalted } = turn;
  const isOver = end !== null || problem !== null || isHalted;
  return (
    <li className="turn">
      <p className="turn-question">{question}</p>
      {thinking && (
        <details className="thinking panel" open={!isOver || answer.trim() === ""}>
          <summary>
            {text(isOver ? "ask.thought" : "ask.thinking")} · {text("ask.tokens", { count: tokens.toLocaleString() })}
          </summary>
          <p className="thinking-text">{thinking.trim()}</p>
        </details>
      )}
      {certainty.length > 0 && <CertaintyStrip turn={turn} />}
      {answer.trim() && <p className="turn-answer">{answer.trim()}</p>}
      {end?.end === "stopped" && settled && <p className="turn-answer">{settled.answer}</p>}
      {!isOver && !thinking && !answer && <p className="soft">{text("ask.waiting")}</p>}
      {problem && <Problem error={{ message: problem.message, hint: problem.hint ?? undefined, status: -1 }} />}
      {isHalted && <p className="section-note">{text("ask.halted")}</p>}
      {end && <Comparison turn={turn} />}
    </li>
  );
}

/** What stopping would have saved, beside what the full run said. */
function Comparison({ turn: { settled, end } }: { turn: Turn }) {
  const text = useText();
  const { tokens, tokensPerSecond, end: how, answer } = end!;
  const figures = text("ask.figures", { tokens: tokens.toLocaleString(), speed: tokensPerSecond });
  if (!settled) {
    return (
      <p className="section-note">
        {figures} · {text(how === "limit" ? "ask.limit" : "ask.neverSettled")}
      </p>
    );
  }
  if (how === "stopped") {
    return (
      <p className="section-note">
        {figures} · {text("ask.stopped", { tokens: settled.tokens })}
      </p>
    );
  }
  const saved = Math.round(100 * (1 - settled.tokens / Math.max(1, tokens)));
  const isSame = answer !== null && answer.trim() === settled.answer.trim();
  return (
    <dl className="run-facts comparison" data-same={isSame}>
      <div>
        <dt>{text("ask.wouldStop", { tokens: settled.tokens })}</dt>
        <dd>
          <strong>{settled.answer}</strong>
        </dd>
      </div>
      <div>
        <dt>{text("ask.fullRun", { tokens })}</dt>
        <dd>
          <strong>{answer ?? "–"}</strong>
        </dd>
      </div>
      <div>
        <dt>{text("ask.wouldSave")}</dt>
        <dd>
          <strong>{saved} %</strong> <span className="soft small">{text("ask.speed", { speed: tokensPerSecond })}</span>
        </dd>
      </div>
      <div>
        <dt>{text("ask.same")}</dt>
        <dd>
          <span className={`badge ${isSame ? "good" : "bad"}`}>{text(isSame ? "ask.yes" : "ask.no")}</span>
        </dd>
      </div>
    </dl>
  );
}
