/** Markup written so that no word can become markup: what is put into `html` is escaped, unless `html` made it. */

/**
 * Makes any text safe between tags and inside double or single quotes, and takes out what would turn the direction of
 * the words around it, is no character at all, or piles up over the lines above.
 */
export function escapeHtml(value: string): string {
  const plain = value.replace(/[\u202A-\u202E\u2066-\u2069\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g, '').replace(/(\p{M}{4})\p{M}+/gu, '$1');
  return plain.replace(/[&<>"']/g, (found) => `&#${String(found.charCodeAt(0))};`);
}

/** HTML whose values are escaped already. */
export class Html {
  constructor(readonly source: string) {}
}

type Part = string | Html | readonly Html[];

/** A piece of a page; lists are joined by line ends. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((string, at) => string + show(parts[at] ?? '')).join(''));
}

function show(part: Part): string {
  if (typeof part === 'string') return escapeHtml(part);
  return part instanceof Html ? part.source : part.map(({ source }) => source).join('\n');
}
