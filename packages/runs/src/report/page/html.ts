/** Escaped markup. Only `html` and `trusted` create it. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/**
 * Values in a template. `null` and `false` produce no output, so that `condition && html` works.
 */
export type HtmlValue = string | number | Html | readonly HtmlValue[] | null | false;

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for element content and quoted attribute values. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

function toMarkup(value: HtmlValue): string {
  if (value === null || value === false) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return value.map(toMarkup).join('');
}

/**
 * Tagged template: the literal parts are markup; inserted values are escaped unless they are
 * `Html`.
 */
export function html(parts: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(parts.reduce((markup, part, i) => markup + toMarkup(values[i - 1]!) + part));
}

/**
 * Marks a constant of this program, such as a style sheet, as markup. Never pass it text from
 * outside.
 */
export function trusted(markup: string): Html {
  return new Html(markup);
}
