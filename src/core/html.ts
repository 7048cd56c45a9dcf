/** HTML built from templates that escape what is put into them, so that no text of a report can become markup. */

/** Markup, as opposed to text. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | false | null | undefined | readonly Part[];

/** html`<p>${text}</p>`: strings and numbers are escaped, other templates and lists of them stand as they are. */
export function html(template: TemplateStringsArray, ...parts: Part[]): Html {
  return { markup: template.reduce((text, piece, i) => text + render(parts[i - 1]) + piece) };
}

/** Markup that we wrote ourselves, such as the style sheet. */
export function raw(markup: string): Html {
  return { markup };
}

/** For element content and quoted attributes alike. */
export function escapeHtml(text: string): string {
  // Control characters other than tab and line ends are not allowed in HTML at all.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  const allowed = text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "\uFFFD");
  return allowed.replace(/[&<>"']/g, (character) => entities[character]!);
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function render(part: Part): string {
  if (part === false || part === null || part === undefined) return "";
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  return "markup" in part ? part.markup : part.map(render).join("");
}
