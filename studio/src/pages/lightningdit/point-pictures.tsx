import { useState } from "react";
import type { FrontierPoint } from "../../../../src/server/studio/lightningdit/contract.ts";
import { fileUrl } from "../../api/client.ts";
import { useText } from "../../i18n/language.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { nameOfPoint } from "./point-names.ts";

/** What a tokenizer makes of held-out pictures, and what the generator on it draws, budget by budget. */
export function PointPictures({ run, point }: { run: string; point: FrontierPoint }) {
  const text = useText();
  const { reconstructions, samples } = point;
  const [step, setStep] = useState(String(samples.at(-1)?.step ?? ""));
  const shown = samples.find((one) => String(one.step) === step) ?? samples.at(-1);
  const name = nameOfPoint(point, text);
  return (
    <section className="section" aria-label={name}>
      <h2>{name}</h2>
      {!reconstructions && !shown && <p className="soft">{text("lightningdit.noPictures")}</p>}
      <div className="sheets">
        {reconstructions && (
          <figure className="panel sheet">
            <figcaption>
              <strong>{text("lightningdit.reconstructions")}</strong>
              <span className="section-note">{text("lightningdit.reconstructionsNote")}</span>
            </figcaption>
            <img
              src={fileUrl(run, reconstructions)}
              alt={`${text("lightningdit.reconstructions")}: ${name}`}
              loading="lazy"
            />
          </figure>
        )}
        {shown && (
          <figure className="panel sheet">
            <figcaption>
              <strong>{text("lightningdit.samples")}</strong>
              {samples.length > 1 && (
                <Segmented
                  label={text("lightningdit.budget")}
                  value={String(shown.step)}
                  onChange={setStep}
                  options={samples.map((one) => ({
                    value: String(one.step),
                    label: text("lightningdit.afterSteps", { steps: one.step }),
                  }))}
                />
              )}
            </figcaption>
            <img src={fileUrl(run, shown.file)} alt={`${text("lightningdit.samples")}: ${name}`} loading="lazy" />
          </figure>
        )}
      </div>
    </section>
  );
}
