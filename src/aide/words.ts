/**
 * The words of the self-help page: the shape of `dialogs/aide.yaml`, and how texts become HTML that cannot forget to
 * escape. The markup of replies is paragraphs, `- ` lists, **bold** and [label](https://…); the rest is shown as written.
 */
import { z } from 'zod';

const text = z.string().trim().min(1);
const list = z.array(text).min(1);
/** A text with a `{place}` to be filled; without it the content is at fault. */
const holding = (place: string): z.ZodString => text.includes(`{${place}}`, `il manque « {${place}} »`);

export const aideTexts = z.strictObject({
  site: z.strictObject({ name: text, skip: text, nav: text, home: text, talk: text, again: text, foot: text, privacy: text }),
  home: z.strictObject({
    ...{ title: text, heading: text, lead: text, starters: text, begin: list, words: text, send: text, goOn: text, subjects: text },
    ...{ code: text, codeLabel: text, codeHint: text, codeSend: text, codeNote: text },
  }),
  search: z.strictObject({ title: text, label: text, hint: text, send: text, found: text, nothing: text }),
  entry: z.strictObject({ sources: text, review: holding('date'), print: text, ask: text }),
  talk: z.strictObject({
    ...{ title: text, list: text, assistant: text, person: text, adviser: holding('name'), choices: text, words: text, safety: text, send: text },
    ...{ error: text, earlier: text, latest: text, waiting: text, reload: text, adviserButton: text, summary: text, take: text, takeName: text, code: text, end: text, erase: text },
    ...{ before: text, beforeNote: text, takeUp: holding('words') },
  }),
  opinion: z.strictObject({
    ...{ ask: text, yes: text, no: text, why: text, thanks: text },
    reasons: z.strictObject({ 'not-my-case': text, 'not-clear': text, 'did-not-work': text, other: text }),
  }),
  summary: z.strictObject({ title: text, lead: text, date: holding('date'), subjects: text, chosen: text, none: text, bring: text, things: list, never: text }),
  code: z.strictObject({ title: text, lead: holding('date'), label: text, how: text, safety: text, back: text, wrong: text, tooMany: text }),
  kiosk: z.strictObject({ warning: text, warningText: text, stay: text, end: text }),
  end: z.strictObject({ title: text, text, erased: text, anew: text }),
  refused: z.strictObject({
    ...{ lost: text, lostText: text, foreign: text, foreignText: text, missing: text, missingText: text },
    ...{ unread: text, unreadText: text, trouble: text, troubleText: text, notTaken: text, notTakenText: text, notTakenAgain: text, crowd: text, crowdText: text, busy: text, busyText: text },
  }),
});

export type AideTexts = z.infer<typeof aideTexts>;

/** What the page shows of an entry of the knowledge. */
export interface ShownEntry {
  readonly id: string;
  readonly title: string;
  readonly answer: string;
  readonly more?: string;
  readonly sources: readonly { readonly label: string; readonly url: string }[];
  /** `YYYY-MM-DD`. */
  readonly reviewBy: string;
}

/** Epoch milliseconds, or `YYYY-MM-DD`, as a day in French. */
export function dayOf(at: number | string): string {
  return new Date(at).toLocaleDateString('fr-FR', { dateStyle: 'long', timeZone: 'Europe/Paris' });
}

/** HTML whose values are escaped already. */
export class Html {
  constructor(readonly source: string) {}
}

type Part = string | Html | readonly Html[];

/** A template whose values are escaped, unless they are HTML of ours. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((string, at) => string + show(parts[at] ?? '')).join(''));
}

function show(part: Part): string {
  if (typeof part === 'string') return clean(part).replace(/[&<>"']/g, (found) => `&#${String(found.charCodeAt(0))};`);
  return part instanceof Html ? part.source : part.map(({ source }) => source).join('\n');
}

/** Without what would turn the direction of the words around it, is no character at all, or piles up over the lines above. */
function clean(text: string): string {
  return text.replace(/[\u202A-\u202E\u2066-\u2069\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g, '').replace(/(\p{M}{4})\p{M}+/gu, '$1');
}

export const nothing = html``;

/** Draws the text of a reply or of an entry. Total: any string gives HTML that does nothing but show. */
export function drawText(text: string): Html {
  const blocks = text.replace(/\r\n?/g, '\n').split(/\n{2,}/).flatMap(groups);
  return html`${blocks.map(({ items, isList }) => (isList ? html`<ul>${items.map((item) => html`<li>${drawLine(item)}</li>`)}</ul>` : drawParagraph(items)))}`;
}

interface Group {
  readonly isList: boolean;
  readonly items: string[];
}

const ITEM = /^\s*- +/;

/** The lines of a block, items of a list apart from words before or after it. */
function groups(block: string): Group[] {
  const found: Group[] = [];
  for (const line of block.split('\n').filter((one) => one.trim() !== '')) {
    const isList = ITEM.test(line);
    const last = found.at(-1);
    const words = line.replace(ITEM, '').trim();
    if (last?.isList === isList) last.items.push(words);
    else found.push({ isList, items: [words] });
  }
  return found;
}

function drawParagraph(lines: readonly string[]): Html {
  return html`<p>${lines.map((line, at) => (at === 0 ? drawLine(line) : html`<br>${drawLine(line)}`))}</p>`;
}

function drawLine(line: string): Html {
  const parts: Html[] = [];
  let from = 0;
  for (const match of line.matchAll(/\*\*([^*]+)\*\*|\[([^[\]]+)\]\(([^()\s]+)\)/g)) {
    const part = drawMark(match);
    if (part === undefined) continue;
    parts.push(html`${line.slice(from, match.index)}${part}`);
    from = match.index + match[0].length;
  }
  return new Html([...parts, html`${line.slice(from)}`].map(({ source }) => source).join(''));
}

function drawMark([, strong, label = '', address = '']: RegExpMatchArray): Html | undefined {
  if (strong !== undefined) return html`<strong>${drawLine(strong)}</strong>`;
  const safe = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)[:/]|mailto:|tel:)/i.test(address) && URL.canParse(address) && isPlain(new URL(address));
  return safe ? html`<a href="${address}">${label}</a>` : undefined;
}

/** An address that hides its host behind a name or a password is not what it seems. */
function isPlain({ username, password }: URL): boolean {
  return username === '' && password === '';
}
