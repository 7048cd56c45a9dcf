import { useText } from "../../i18n/language.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import type { Measuring } from "./use-trace-file.ts";

/** What counts as a token's use, and what a million of them costs. */
export function MeasuringOptions({
  measuring,
  onChange,
}: {
  measuring: Measuring;
  onChange(measuring: Measuring): void;
}) {
  const text = useText();
  return (
    <div className="toolbar">
      <Segmented
        label={text("overthinking.tokens")}
        value={measuring.tokens}
        onChange={(tokens) => onChange({ ...measuring, tokens })}
        options={[
          { value: "reasoning", label: text("overthinking.tokens.reasoning") },
          { value: "full", label: text("overthinking.tokens.full") },
        ]}
      />
      <label className="field measuring-price">
        <span>{text("overthinking.price")}</span>
        <input
          className="input"
          type="number"
          min="0"
          step="any"
          inputMode="decimal"
          value={measuring.price ?? ""}
          onChange={({ target }) =>
            onChange({ ...measuring, price: target.value === "" ? undefined : Math.max(0, target.valueAsNumber) })
          }
        />
      </label>
    </div>
  );
}
