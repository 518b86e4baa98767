// Owns HTML that is safe by how it is made: every value that goes into a template is text, and is escaped, unless it came
// out of a template itself.

/** A piece of HTML. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | false | null | undefined | readonly Part[]

/** html`<b>${name}</b>`; lists are joined, and what is nothing leaves nothing. */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(pieces.reduce((text, piece, i) => text + shown(parts[i - 1]) + piece))
}

function shown(part: Part): string {
  if (part === undefined || part === null || part === false) return ''
  if (part instanceof Html) return part.text
  return isList(part) ? part.map(shown).join('') : escaped(String(part))
}

function isList(part: Part): part is readonly Part[] {
  return Array.isArray(part)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '')
}
