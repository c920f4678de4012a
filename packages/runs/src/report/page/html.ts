/** Markup that needs no escaping any more. Only `html` and `trusted` make it. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What a template may hold. `null` and `false` leave nothing behind, so that `condition && html` works. */
export type HtmlValue = string | number | Html | readonly HtmlValue[] | null | false;

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe for element content and for quoted attribute values. */
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

/** Tagged template: the literal parts are markup, everything put into them is escaped unless it is `Html` itself. */
export function html(parts: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(parts.reduce((markup, part, i) => markup + toMarkup(values[i - 1]!) + part));
}

/** Takes a constant of this program, such as a style sheet, as markup. Never give it text from outside. */
export function trusted(markup: string): Html {
  return new Html(markup);
}
