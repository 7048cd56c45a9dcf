import { type FormEvent, useId, useState } from "react";
import { useText } from "../../i18n/language.tsx";

interface AskFormProps {
  isBusy: boolean;
  placeholder: string;
  onAsk(question: string): void;
  onHalt(): void;
}

/** Enter asks, Shift and Enter begins a new line. */
export function AskForm({ isBusy, placeholder, onAsk, onHalt }: AskFormProps) {
  const text = useText();
  const id = useId();
  const [question, setQuestion] = useState("");
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (isBusy || question.trim() === "") return;
    onAsk(question.trim());
    setQuestion("");
  };
  return (
    <form className="ask-form" onSubmit={submit}>
      <label className="unseen" htmlFor={id}>
        {text("ask.question")}
      </label>
      <textarea
        id={id}
        className="input"
        rows={2}
        value={question}
        placeholder={placeholder}
        onChange={({ target }) => setQuestion(target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          submit();
        }}
      />
      {/* Two elements by their keys: one that became a submit button under a click would ask at once. */}
      {isBusy ? (
        <button key="halt" type="button" className="button" onClick={onHalt}>
          {text("ask.halt")}
        </button>
      ) : (
        <button key="ask" type="submit" className="button primary" disabled={question.trim() === ""}>
          {text("ask.ask")}
        </button>
      )}
    </form>
  );
}
