import type { Judgement } from "../../../../src/systems/codeelo/index.ts";
import { useText } from "../../i18n/language.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { describeBytes } from "../../ui/time.tsx";
import { VerdictBadge } from "./verdict-badge.tsx";

/** The verdict test by test, and what the first failing one saw. */
export function JudgementView({ judgement }: { judgement: Judgement }) {
  const text = useText();
  const { verdict, tests, compiler, failedTest, stamp } = judgement;
  const failed = tests.find(({ test }) => test === failedTest);
  return (
    <section className="section judgement" aria-live="polite">
      <h2>
        <VerdictBadge verdict={verdict} accepted={verdict === "OK"} />
      </h2>
      <p className="section-note">
        {stamp.version} · {stamp.sandbox}
      </p>
      {compiler.trim() && verdict === "COMPILATION_ERROR" && (
        <CodeBlock title={text("codeelo.compiler")}>{compiler}</CodeBlock>
      )}
      {failed && (
        <div className="test-case">
          <CodeBlock title={text("codeelo.output")}>{failed.output || failed.stderr}</CodeBlock>
          {failed.message && <p className="section-note">{failed.message}</p>}
        </div>
      )}
      {tests.length > 0 && (
        <div className="table">
          <table>
            <thead>
              <tr>
                <th scope="col">{text("codeelo.test")}</th>
                <th scope="col">{text("codeelo.verdict")}</th>
                <th scope="col" className="number">
                  CPU
                </th>
                <th scope="col" className="number">
                  {text("codeelo.memory")}
                </th>
              </tr>
            </thead>
            <tbody>
              {tests.map(({ test, verdict: one, cpuMs, memoryBytes }) => (
                <tr key={test}>
                  <td className="mono">{test}</td>
                  <td>
                    <VerdictBadge verdict={one} accepted={one === "OK" ? true : one === "SKIPPED" ? null : false} />
                  </td>
                  <td className="number">{Math.round(cpuMs)} ms</td>
                  <td className="number">{describeBytes(memoryBytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
