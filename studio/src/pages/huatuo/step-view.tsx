import type { SearchStep } from "../../../../src/systems/huatuogpt-o1/index.ts";
import { useText } from "../../i18n/language.tsx";

interface StepViewProps {
  step: SearchStep;
  /** What a person says of the conclusion; undefined: nobody looked. */
  opinion: boolean | undefined;
  onJudge(verdict: boolean | null): Promise<void>;
}

/** One reply of the teacher: its moves, the verifier's verdict, and the person's word on it. */
export function StepView({ step, opinion, onJudge }: StepViewProps) {
  const text = useText();
  const { type, actions, verdict, fault } = step;
  const strategy = type.replace(/^Re_CoT_/, "");
  const tone = verdict === true ? "good" : verdict === false ? "bad" : "waste";
  return (
    <li className="step">
      <h4>
        {type === "Init_CoT" ? text("huatuo.first") : type === "Label_CoT" ? text("huatuo.toldAnswer") : strategy}
      </h4>
      {actions.map((action, index) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: moves stand in their order
          key={index}
          className={`move ${action.action === "Final Conclusion" ? "conclusion" : ""}`}
        >
          <span className="move-name">{action.action === "Inner Thinking" ? action.title : action.action}</span>
          <p>{action.content}</p>
        </div>
      ))}
      {fault && (
        <p className="section-note">
          {text(`huatuo.fault.${fault.kind}`)}: {fault.detail}
        </p>
      )}
      {verdict !== undefined && (
        <div className="judge-step">
          <span className={`badge ${tone}`}>
            {text("huatuo.verifierSays", {
              verdict: text(verdict === null ? "huatuo.unclear" : verdict ? "huatuo.right" : "huatuo.wrong"),
            })}
          </span>
          <div className="judge-buttons">
            <span className="small soft">{text("huatuo.youSay")}</span>
            {[true, false].map((one) => (
              <button
                key={String(one)}
                type="button"
                className="button"
                aria-pressed={opinion === one}
                data-tone={one ? "good" : "bad"}
                onClick={() => onJudge(opinion === one ? null : one)}
              >
                {text(one ? "huatuo.right" : "huatuo.wrong")}
              </button>
            ))}
          </div>
          {opinion !== undefined && opinion !== verdict && (
            <strong className="overturned">{text("huatuo.overturned")}</strong>
          )}
        </div>
      )}
    </li>
  );
}
