import { type FormEvent, useId, useState } from "react";
import type { GeneratorOffer } from "../../../../src/server/studio/lightningdit/contract.ts";
import { mostGuidance, mostPictures, mostSeed, mostSteps } from "../../../../src/server/studio/lightningdit/limits.ts";
import { useText } from "../../i18n/language.tsx";
import { nameOfClass } from "./class-name.ts";
import type { Asked } from "./use-drawing.ts";

interface DrawFormProps {
  generators: readonly GeneratorOffer[];
  isBusy: boolean;
  onDraw(asked: Asked): void;
  onHalt(): void;
}

/** What is to be drawn; Enter in any field draws. */
export function DrawForm({ generators, isBusy, onDraw, onHalt }: DrawFormProps) {
  const text = useText();
  const [id, setId] = useState(generators[0]!.id);
  const generator = generators.find((one) => one.id === id) ?? generators[0]!;
  const [chosen, setLabel] = useState(0);
  const label = Math.min(chosen, generator.classNames.length - 1);
  const [seed, setSeed] = useState(0);
  const [count, setCount] = useState(4);
  const [guidance, setGuidance] = useState(1.5);
  const [steps, setSteps] = useState(50);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy) onDraw({ generator: generator.id, label, seed, count, guidance, steps });
  };
  return (
    <form className="section" onSubmit={submit}>
      <label className="field">
        <span>{text("lightningdit.generator")}</span>
        <select className="select" value={generator.id} onChange={({ target }) => setId(target.value)}>
          {generators.map((one) => (
            <option key={one.id} value={one.id}>
              {one.id}
            </option>
          ))}
        </select>
      </label>
      <p className="section-note">
        {text("lightningdit.generatorNote", {
          side: generator.side,
          channels: generator.channels,
          grid: generator.grid,
          tokenizer: generator.tokenizer,
          steps: generator.steps.toLocaleString(),
        })}
      </p>
      <div className="toolbar draw-fields">
        <label className="field">
          <span>{text("lightningdit.class")}</span>
          <select className="select" value={label} onChange={({ target }) => setLabel(Number(target.value))}>
            {generator.classNames.map((name, one) => (
              <option key={name} value={one}>
                {nameOfClass(generator, one, text)}
              </option>
            ))}
          </select>
        </label>
        <NumberField label={text("lightningdit.seed")} value={seed} least={0} most={mostSeed} onChange={setSeed} />
        <NumberField
          label={text("lightningdit.count")}
          value={count}
          least={1}
          most={mostPictures}
          onChange={setCount}
        />
        <NumberField label={text("lightningdit.steps")} value={steps} least={1} most={mostSteps} onChange={setSteps} />
        <NumberField
          label={text("lightningdit.guidance")}
          hint={text("lightningdit.guidanceHint")}
          value={guidance}
          least={1}
          most={mostGuidance}
          step={0.1}
          onChange={setGuidance}
        />
        {/* By their keys two elements: one that turned into a submit button under a click would draw anew. */}
        {isBusy ? (
          <button key="stop" type="button" className="button" onClick={onHalt}>
            {text("lightningdit.stop")}
          </button>
        ) : (
          <button key="draw" type="submit" className="button primary">
            {text("lightningdit.draw")}
          </button>
        )}
      </div>
    </form>
  );
}

interface NumberFieldProps {
  label: string;
  hint?: string;
  value: number;
  least: number;
  most: number;
  step?: number;
  onChange(value: number): void;
}

/** The browser says what is wrong with a number before anything is sent. */
function NumberField({ label, hint, value, least, most, step = 1, onChange }: NumberFieldProps) {
  const id = useId();
  return (
    <label className="field" title={hint}>
      <span>{label}</span>
      <input
        className="input"
        type="number"
        required
        min={least}
        max={most}
        step={step}
        aria-describedby={hint && id}
        value={Number.isNaN(value) ? "" : value}
        onChange={({ target }) => onChange(target.valueAsNumber)}
      />
      {hint && (
        <span id={id} className="unseen">
          {hint}
        </span>
      )}
    </label>
  );
}
