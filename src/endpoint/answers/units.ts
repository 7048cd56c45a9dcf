/** What may stand behind or before a number without being part of it: units, currencies, counted things. */

const aliases: Record<string, string[]> = {
  degree: ["degrees", "deg", "^{\\circ}"],
  dollar: ["dollars", "usd", "$", "us dollars"],
  cent: ["cents", "¢"],
  euro: ["euros", "eur", "€"],
  pound: ["pounds", "£", "lb", "lbs"],
  yen: ["¥", "jpy"],
  mm: ["millimeter", "millimeters", "millimetre", "millimetres"],
  cm: ["centimeter", "centimeters", "centimetre", "centimetres"],
  m: ["meter", "meters", "metre", "metres"],
  km: ["kilometer", "kilometers", "kilometre", "kilometres"],
  inch: ["inches", "in"],
  foot: ["feet", "ft"],
  yard: ["yards", "yd", "yds"],
  mile: ["miles", "mi"],
  mg: ["milligram", "milligrams"],
  g: ["gram", "grams"],
  kg: ["kilogram", "kilograms"],
  ounce: ["ounces", "oz"],
  ml: ["milliliter", "milliliters", "millilitre", "millilitres", "mL"],
  liter: ["liters", "litre", "litres", "l", "L"],
  second: ["seconds", "sec", "secs", "s"],
  minute: ["minutes", "min", "mins"],
  hour: ["hours", "hr", "hrs", "h"],
  day: ["days"],
  week: ["weeks"],
  month: ["months"],
  year: ["years", "yr", "yrs"],
  mph: ["miles per hour", "miles/hour", "mi/h"],
  "km/h": ["kph", "kilometers per hour", "kilometres per hour", "km per hour"],
  "m/s": ["meters per second", "metres per second"],
  unit: ["units"],
  point: ["points"],
  radian: ["radians", "rad"],
};

const canonical = new Map<string, string>();
for (const [name, spellings] of Object.entries(aliases))
  for (const spelling of [name, ...spellings]) canonical.set(spelling, name);

/** Square and cubic forms: `cm^{2}`, `square cm` and `sq. centimeters` are one unit. */
function canonicalUnit(text: string): string | null {
  const known = canonical.get(text) ?? canonical.get(text.toLowerCase());
  if (known) return known;
  const raised = /^(.+?) ?\^\{([23])\}$/.exec(text) ?? flip(/^(square|sq\.?|cubic|cu\.?) (.+)$/i.exec(text));
  const base = raised && canonicalUnit(raised[1]!);
  return base ? `${base}^${raised[2]}` : null;
}

const flip = (match: RegExpExecArray | null): string[] | null =>
  match && ["", match[2]!, /^s/i.test(match[1]!) ? "2" : "3"];

// Behind a number without a space only these are units: 5m, 5g and 2km are products of letters.
const glued = /(?<=\d)(mm|cm|kg|mg|ml|mL|mph|min|mins|hrs|sec|lbs|deg|degrees|dollars)(?:\^\{([23])\})?$/;
const spaced =
  /(?<=[\d)}\]a-z]) ((?:square |sq\.? |cubic |cu\.? )?(?:[A-Za-z]+(?:\/[A-Za-z]+)?|[A-Za-z]+ per [A-Za-z]+)(?: ?\^\{[23]\})?)$/;
const counted = /(?<=[\d)}\]]) ([A-Za-z][A-Za-z '-]*[A-Za-z])$/;
const functions = /\\?(?:sin|cos|tan|cot|sec|csc|log|ln|exp)(?![a-z])/;
const notThings =
  /(?:^|[ -])(?:or|and|to|by|base|mod|over|if|is|times|plus|minus|hundred|thousand|million|billion|trillion|pi|sqrt|am|pm)(?:$|[ -])/i;

/** `label` is a known unit's own name, another counted thing in lower case, or null. */
export type Quantity = { body: string; label: string | null; percent: boolean };

/** Parts "5 cm" into 5 and cm, "$18" into 18 and dollar, "50%" into 50 and the per cent sign. */
export function splitUnit(text: string): Quantity {
  const currency = /^([+-]?) ?([$€£¥]) ?(?=[\d.\\+-])/.exec(text);
  if (currency) {
    const { body } = splitUnit(currency[1]! + text.slice(currency[0].length));
    return { body, label: canonical.get(currency[2]!)!, percent: false };
  }
  const percent = / ?(?:%|(?<=\d ?)(?:percent|per cent))$/i.exec(text);
  if (percent) return { body: text.slice(0, percent.index).trim(), label: null, percent: true };
  const circle = / ?\^\{\\circ\}$/.exec(text);
  if (circle && !functions.test(text)) return { body: text.slice(0, circle.index), label: "degree", percent: false };
  const fixed = glued.exec(text);
  if (fixed) return { body: text.slice(0, fixed.index), label: canonicalUnit(fixed[0]), percent: false };
  const sign = / ?[¢€£¥$]$/.exec(text);
  if (sign) return { body: text.slice(0, sign.index), label: canonical.get(sign[0].trim())!, percent: false };
  const unit = spaced.exec(text);
  const name = unit && canonicalUnit(unit[1]!);
  if (name && !/^[A-Za-z]+$/.test(text.slice(0, unit.index)))
    return { body: text.slice(0, unit.index), label: name, percent: false };
  const thing = counted.exec(text);
  // One word of four letters at least: 2 ab is a product, 2 cats is not.
  if (thing && /[A-Za-z]{4}/.test(thing[1]!) && !notThings.test(thing[1]!) && !functions.test(thing[1]!))
    return { body: text.slice(0, thing.index), label: thing[1]!.toLowerCase(), percent: false };
  return { body: text, label: null, percent: false };
}
