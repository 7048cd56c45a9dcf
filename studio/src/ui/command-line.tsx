import { useState } from "react";
import { useText } from "../i18n/language.tsx";
import "./command-line.css";

/** A command to paste into a terminal. */
export function CommandLine({ children }: { children: string }) {
  const text = useText();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(children);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div className="command-line">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long command is scrolled by keyboard */}
      <code tabIndex={0}>{children}</code>
      <button type="button" className="button quiet" onClick={copy}>
        {text(isCopied ? "run.copied" : "run.copy")}
      </button>
    </div>
  );
}
