import { useState } from "react";
import type { GeneratorOffer } from "../../../../src/server/studio/lightningdit/contract.ts";
import { type Translate, useText } from "../../i18n/language.tsx";
import { Problem } from "../../ui/problem.tsx";
import { nameOfClass } from "./class-name.ts";
import type { Drawing } from "./use-drawing.ts";

interface DrawingViewProps {
  drawing: Drawing;
  isBusy: boolean;
  generator: GeneratorOffer;
}

/** The pictures as they come out of the noise; afterwards, the way there can be gone back. */
export function DrawingView({ drawing, isBusy, generator }: DrawingViewProps) {
  const text = useText();
  const { asked, frames, end, problem } = drawing;
  const [back, setBack] = useState<{ asked: Drawing["asked"]; at: number }>();
  const newest = frames.length - 1;
  const at = !isBusy && back?.asked === asked ? Math.min(back.at, newest) : newest;
  const frame = frames[at];
  const name = nameOfClass(generator, asked.label, text);
  const isPicture = end !== null && at === newest;
  return (
    <section className="section" aria-label={name}>
      <p className="section-note" role="status">
        {describeState(drawing, text)}
      </p>
      {problem && <Problem error={{ message: problem.message, hint: problem.hint ?? undefined, status: -1 }} />}
      {frame && (
        <ul className="drawn" data-step={frame.step}>
          {frame.pictures.map((picture, index) => {
            const seed = asked.seed + index;
            const words = text("lightningdit.pictureOf", { name, seed });
            const image = (
              <img
                src={picture}
                alt={words}
                width={generator.side}
                height={generator.side}
                className={generator.side <= 64 ? "small" : undefined}
              />
            );
            return (
              <li key={seed}>
                {isPicture ? (
                  <a href={picture} download={`${name}-${seed}.png`.replaceAll(" ", "-")}>
                    {image}
                  </a>
                ) : (
                  image
                )}
                <span className="soft small">{text("lightningdit.seedIs", { seed })}</span>
              </li>
            );
          })}
        </ul>
      )}
      {!isBusy && newest > 0 && (
        <label className="field draw-path">
          <span>
            {text("lightningdit.path")} · {text("lightningdit.stepOf", { step: frame!.step, of: frame!.of })}
          </span>
          <input
            type="range"
            min={0}
            max={newest}
            value={at}
            onChange={({ target }) => setBack({ asked, at: target.valueAsNumber })}
          />
        </label>
      )}
    </section>
  );
}

function describeState({ frames, end, problem, isWaiting, isHalted }: Drawing, text: Translate): string {
  const newest = frames.at(-1);
  if (problem) return "";
  if (isHalted) return text("lightningdit.stopped", { step: newest?.step ?? 0 });
  if (isWaiting) return text("lightningdit.waiting");
  if (!newest) return text("lightningdit.opening");
  if (!end) return text("lightningdit.stepOf", { step: newest.step, of: newest.of });
  const ms = end.msPerPicture < 10 ? end.msPerPicture.toFixed(1) : Math.round(end.msPerPicture).toLocaleString();
  return `${text(end.isFirst ? "lightningdit.firstTime" : "lightningdit.time", { ms })} ${text("lightningdit.same")}`;
}
