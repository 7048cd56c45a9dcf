import type { GeneratorOffer } from "../../../../src/server/studio/lightningdit/contract.ts";
import type { Translate } from "../../i18n/language.tsx";

/** A class by its name; where it has none, by its number. */
export function nameOfClass({ classNames }: GeneratorOffer, label: number, text: Translate): string {
  const name = classNames[label] ?? String(label);
  return name === String(label) ? text("lightningdit.classNumber", { label }) : name;
}
