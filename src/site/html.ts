/** Markup written so that no word can become markup: what is put into `html` is escaped, unless `html` made it. */

/** Makes any text safe between tags and inside double or single quotes. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (found) => `&#${String(found.charCodeAt(0))};`);
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
