/** A program pasted by hand, judged on a problem of the catalogue by the same judge as every run. */
import { useState } from "react";
import type { Judgement, LanguageId } from "../../../../src/systems/codeelo/index.ts";
import { type CallError, call } from "../../api/client.ts";
import { useCall } from "../../api/use-call.ts";
import { useText } from "../../i18n/language.tsx";
import { Answer } from "../../ui/answer.tsx";
import { Problem } from "../../ui/problem.tsx";
import { JudgementView } from "./judgement-view.tsx";

type Level = 1 | 2 | 3;
const levels: readonly Level[] = [1, 2, 3];

export function JudgeBench() {
  const state = useCall("codeelo.catalog", {});
  return (
    <Answer state={state}>{({ problems, languages }) => <Bench problems={problems} languages={languages} />}</Answer>
  );
}

interface BenchProps {
  problems: readonly { name: string; title: string }[];
  languages: readonly LanguageId[];
}

function Bench({ problems, languages }: BenchProps) {
  const text = useText();
  const [name, setName] = useState(problems[0]!.name);
  const [level, setLevel] = useState<Level>(1);
  const [language, setLanguage] = useState<LanguageId>(languages.includes("python") ? "python" : languages[0]!);
  const [source, setSource] = useState("");
  const [judgement, setJudgement] = useState<Judgement>();
  const [error, setError] = useState<CallError>();
  const [isBusy, setBusy] = useState(false);
  const statement = useCall("codeelo.statement", { name, level });

  const judge = async () => {
    setBusy(true);
    setError(undefined);
    setJudgement(undefined);
    await call("codeelo.judge", { name, level, language, source }).then(setJudgement, setError);
    setBusy(false);
  };
  return (
    <div className="judge">
      <section className="section">
        <div className="toolbar">
          <label className="field">
            <span>{text("codeelo.problem")}</span>
            <select className="select" value={name} onChange={({ target }) => setName(target.value)}>
              {problems.map((problem) => (
                <option key={problem.name} value={problem.name}>
                  {problem.title}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>{text("codeelo.level")}</span>
            <select className="select" value={level} onChange={({ target }) => setLevel(Number(target.value) as Level)}>
              {levels.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        </div>
        <Answer state={statement}>
          {(problem) => (
            <>
              <p className="section-note">
                {text("codeelo.limits", {
                  seconds: problem.timeLimitMs / 1000,
                  memory: problem.memoryLimitMb,
                  tests: problem.testCount,
                })}
              </p>
              <p className="statement panel">{problem.statement}</p>
            </>
          )}
        </Answer>
      </section>
      <section className="section">
        <label className="field">
          <span>{text("codeelo.language")}</span>
          <select
            className="select"
            value={language}
            onChange={({ target }) => setLanguage(target.value as LanguageId)}
          >
            {languages.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{text("codeelo.program")}</span>
          <textarea
            className="input mono"
            rows={14}
            spellCheck={false}
            value={source}
            placeholder={text("codeelo.paste")}
            onChange={({ target }) => setSource(target.value)}
          />
        </label>
        <div className="toolbar">
          <button type="button" className="button primary" disabled={isBusy || source.trim() === ""} onClick={judge}>
            {text(isBusy ? "codeelo.judging" : "codeelo.judge")}
          </button>
        </div>
        {error && <Problem error={error} />}
        {judgement && <JudgementView judgement={judgement} />}
      </section>
    </div>
  );
}
