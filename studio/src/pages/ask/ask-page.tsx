/** A conversation with a model that thinks: its thinking apart, and how settled the answer was while it thought. */
import { useEffect, useRef, useState } from "react";
import type { AskModel } from "../../../../src/server/studio/ask/contract.ts";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { Page } from "../../ui/page.tsx";
import { AskForm } from "./ask-form.tsx";
import { TurnView } from "./turn-view.tsx";
import { useConversation } from "./use-conversation.ts";
import "./ask.css";

export default function AskPage() {
  const text = useText();
  const state = useCall("ask.models", {});
  return (
    <Page title={text("ask.title")} lead={text("ask.lead")}>
      <Answer state={state}>{(models) => <Conversation models={models} />}</Answer>
    </Page>
  );
}

function Conversation({ models }: { models: readonly AskModel[] }) {
  const text = useText();
  const [id, setId] = useState(models[0]?.id);
  const model = models.find((one) => one.id === id);
  const [stop, setStop] = useState(false);
  const { turns, isBusy, ask, halt, forget } = useConversation();
  const end = useRef<HTMLDivElement>(null);
  const count = turns.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn is scrolled to
  useEffect(() => {
    end.current?.scrollIntoView({ block: "nearest" });
  }, [count]);
  if (!model) return <p className="soft">{text("ask.noModel")}</p>;
  return (
    <div className="ask">
      <div className="toolbar">
        <label className="field">
          <span>{text("ask.model")}</span>
          <select
            className="select"
            value={model.id}
            onChange={({ target }) => {
              setId(target.value);
              forget();
            }}
          >
            {models.map((one) => (
              <option key={one.id} value={one.id}>
                {one.id}
                {one.host ? ` · ${one.host}` : ""}
              </option>
            ))}
          </select>
        </label>
        <label className="small ask-stop">
          <input type="checkbox" checked={stop} onChange={({ target }) => setStop(target.checked)} />{" "}
          {text("ask.stopWhenSettled")}
        </label>
        {turns.length > 0 && (
          <button type="button" className="button" onClick={forget}>
            {text("ask.new")}
          </button>
        )}
      </div>
      <p className="section-note">
        {model.place === "here"
          ? text(model.isSums ? "ask.sums" : "ask.here")
          : text("ask.server", { host: model.host ?? "" })}
      </p>
      <ol className="turns">
        {turns.map((turn) => (
          <TurnView key={turn.id} turn={turn} />
        ))}
      </ol>
      <div ref={end} />
      <AskForm
        isBusy={isBusy}
        placeholder={text(model.isSums ? "ask.exampleSum" : "ask.example")}
        onAsk={(question) => ask(model, question, stop)}
        onHalt={halt}
      />
    </div>
  );
}
