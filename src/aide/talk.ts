/**
 * A conversation as one page: what was said, in order, the open form where it was asked, the choices as buttons and a
 * field for one's own words. It decides nothing and knows no more than the transcript.
 */
import { REASONS } from '../conversation/opinion.js';
import type { FormField, FormReply } from '../conversation/reply.js';
import type { TranscriptEntry } from '../conversation/transcript.js';
import { frame, PRIVACY, to, type Setting } from './frame.js';
import { dayOf, drawText, html, nothing, type Html, type AideTexts } from './words.js';

export interface Talk {
  readonly entries: readonly TranscriptEntry[];
  /** What the conversation before this one said, where a code brought it. */
  readonly before: readonly TranscriptEntry[];
  /** Only what was said before this sequence number, to be read. */
  readonly upTo?: number;
  /** What every form of the page brings back. */
  readonly marks: Marks;
  /** What stands under the newest answer of the knowledge, where it is no longer the question whether it helps. */
  readonly opinion?: 'asks-why' | 'given';
}

export interface Marks {
  readonly token: string;
  /** One answer to this page: the same one posted twice acts once. */
  readonly answerId: string;
}

/** Characters of HTML that messages may take, so that a page stays light; the rest is a page before. */
const ROOM = { talk: 9_000, before: 2_500 };
/** Most that is shown of one's own message, in characters. */
const SHOWN = 1_000;

export function renderTalk(setting: Setting, talk: Talk): string {
  const { texts } = setting;
  const open = talk.upTo === undefined ? openQuestion(talk.entries) : {};
  const shown = talk.entries.filter(({ seq }) => seq < (talk.upTo ?? Infinity));
  const inside = talk.upTo === undefined ? drawInside(setting, talk, open) : new Map<number, Html>();
  const main = html`${talk.before.length > 0 && talk.upTo === undefined ? drawBefore(setting, talk.before) : nothing}
${drawList(setting, shown, { room: ROOM.talk, at: '/conversation', inside })}
${talk.upTo === undefined ? drawAnswers(setting, talk, open.choices ?? []) : html`<p class="links"><a href="/aide/conversation#last">${texts.talk.latest}</a></p>`}`;
  const wrong = open.form?.fields.some(({ error }) => error !== undefined) === true;
  return frame(setting, { title: texts.talk.title, main }, wrong ? `${texts.talk.error} ${texts.talk.title}` : texts.talk.title);
}

/** What is drawn within the list, by sequence number: the open form, and what stands under the newest answer. */
function drawInside(setting: Setting, talk: Talk, { form, formSeq }: Open): ReadonlyMap<number, Html> {
  const judged = newestAnswer(talk.entries);
  return new Map([
    ...(judged === undefined ? [] : [[judged, drawOpinion(setting.texts, judged, talk)] as const]),
    ...(form && formSeq !== undefined ? [[formSeq, drawForm(setting, form, talk.marks)] as const] : []),
  ]);
}

/** The conversation that a code brought, in full, to be read. */
export function renderBefore(setting: Setting, entries: readonly TranscriptEntry[], upTo = Infinity): string {
  const { talk } = setting.texts;
  const shown = entries.filter(({ seq }) => seq < upTo);
  const main = html`${drawList(setting, shown, { room: ROOM.talk, at: '/avant' })}
<p class="links"><a href="/aide/conversation#last">${talk.latest}</a></p>`;
  return frame(setting, { title: talk.before, main });
}

interface Open {
  readonly form?: FormReply;
  readonly formSeq?: number;
  readonly choices?: readonly string[];
}

/** What waits for an answer: the last form and the last choices, unless the person has spoken since. */
export function openQuestion(entries: readonly TranscriptEntry[]): Open {
  const since = entries.slice(entries.findLastIndex(({ author }) => author === 'person') + 1);
  const form = since.findLast((entry) => entry.author === 'assistant' && entry.reply.kind === 'form');
  const last = since.findLast((entry) => entry.author === 'assistant');
  const choices = last?.author === 'assistant' ? last.reply.choices : undefined;
  return {
    ...(form?.author === 'assistant' && form.reply.kind === 'form' ? { form: form.reply, formSeq: form.seq } : {}),
    ...(choices ? { choices } : {}),
  };
}

/** The newest words that come from the knowledge: its sequence number. */
export function newestAnswer(entries: readonly TranscriptEntry[]): number | undefined {
  return entries.findLast((entry) => entry.author === 'assistant' && entry.reply.kind === 'text' && entry.reply.entry !== undefined)?.seq;
}

interface Listing {
  readonly room: number;
  /** The page that shows what comes before. */
  readonly at: string;
  /** By sequence number: the open form, which is drawn for its entry, and what stands under an answer. */
  readonly inside?: ReadonlyMap<number, Html>;
  /** The list stands before another one, which has the place to read on from. */
  readonly quiet?: boolean;
}

function drawList({ texts: { talk } }: Setting, entries: readonly TranscriptEntry[], { room, at, inside, quiet = false }: Listing): Html {
  const drawn = drawLast(entries, { room, quiet }, (entry) => drawEntry(talk, entry, inside?.get(entry.seq)));
  const first = entries.at(-drawn.length)?.seq ?? 1;
  const earlier = drawn.length < entries.length ? html`<p class="links"><a href="/aide${at}?avant=${String(first)}">${talk.earlier}</a></p>` : nothing;
  return html`${earlier}
<ol class="talk" role="list" aria-label="${quiet ? talk.before : talk.list}">
${drawn}
</ol>`;
}

/** Messages from the last one back, as many as there is room for; the place to read on from is the last own message. */
function drawLast(entries: readonly TranscriptEntry[], { room, quiet }: { room: number; quiet: boolean }, draw: (entry: TranscriptEntry) => Html): readonly Html[] {
  const lastOwn = entries.findLast(({ author }) => author === 'person') ?? entries.at(-1);
  const drawn: Html[] = [];
  let left = room;
  for (const entry of [...entries].reverse()) {
    const one = draw(entry);
    left -= one.source.length;
    if (left < 0 && drawn.length > 0) break;
    const anchor = entry === lastOwn && !quiet ? html` id="last" tabindex="-1"` : nothing;
    drawn.unshift(html`<li class="turn${entry.author === 'person' ? ' me' : ''}"${anchor}>${one}</li>`);
  }
  return drawn;
}

function drawEntry(talk: AideTexts['talk'], entry: TranscriptEntry, inside?: Html): Html {
  switch (entry.author) {
    case 'person': {
      const text = entry.text ?? entry.form ?? '';
      return bubble(talk.person, html`${text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}`);
    }
    case 'adviser':
      return bubble(talk.adviser.replace('{name}', () => entry.name), html`<p>${entry.text}</p>`);
    case 'assistant': {
      const { reply } = entry;
      if (reply.kind === 'text') return html`${bubble(talk.assistant, drawText(reply.text))}${inside ?? nothing}`;
      return inside ? html`<p class="who">${talk.assistant}</p>${inside}` : bubble(talk.assistant, html`<p><strong>${reply.title}</strong></p>${drawText(reply.why)}`);
    }
  }
}

/** All that was said, as plain text for whoever wants to keep it. */
export function writeOut({ texts: { talk, summary } }: Setting, entries: readonly TranscriptEntry[]): string {
  const lines = entries.map((entry) => `${timeOf(entry.at)} – ${whoSaid(talk, entry)}\n${wordsOf(entry)}`);
  const first = entries[0];
  return `${first === undefined ? '' : `${summary.date.replace('{date}', dayOf(first.at))}\n\n`}${lines.join('\n\n')}\n`;
}

function timeOf(at: number): string {
  return new Date(at).toLocaleString('fr-FR', { dateStyle: 'short', timeStyle: 'short', timeZone: 'Europe/Paris' });
}

function whoSaid(talk: AideTexts['talk'], entry: TranscriptEntry): string {
  if (entry.author === 'adviser') return talk.adviser.replace('{name}', () => entry.name);
  return entry.author === 'person' ? talk.person : talk.assistant;
}

function wordsOf(entry: TranscriptEntry): string {
  if (entry.author === 'adviser') return entry.text;
  if (entry.author === 'person') return entry.text ?? entry.form ?? '';
  const { reply } = entry;
  const text = reply.kind === 'text' ? reply.text : `${reply.title}\n${reply.why}`;
  return text.replace(/\*\*([^*]+)\*\*/g, '$1').replace(/\[([^[\]]+)\]\(([^()\s]+)\)/g, '$1 ($2)');
}

function bubble(who: string, body: Html): Html {
  return html`<p class="who">${who}</p><div class="bubble">${body}</div>`;
}

function hidden(marks: Marks): Html {
  return html`<input type="hidden" name="jeton" value="${marks.token}"><input type="hidden" name="envoi" value="${marks.answerId}">`;
}

/** Whether it helps, by one press; after a no, why, and only then it is sent. */
function drawOpinion({ opinion: texts }: AideTexts, about: number, { opinion, marks }: Pick<Talk, 'opinion' | 'marks'>): Html {
  if (opinion === 'given') return html`<div class="opinion noprint" id="avis"><p class="note">${texts.thanks}</p></div>`;
  const why = opinion === 'asks-why';
  const buttons = why
    ? REASONS.map((reason) => html`<button name="raison" value="${reason}">${texts.reasons[reason]}</button>`)
    : [html`<button name="avis" value="up">${texts.yes}</button>`, html`<button name="avis" value="down">${texts.no}</button>`];
  return html`<div class="opinion noprint" id="avis"><form method="post" action="/aide/avis"><fieldset><legend>${why ? texts.why : texts.ask}</legend>
<input type="hidden" name="jeton" value="${marks.token}"><input type="hidden" name="sur" value="${String(about)}">${why ? html`<input type="hidden" name="avis" value="down">` : nothing}
<div class="row">${buttons}</div></fieldset></form></div>`;
}

function drawForm(setting: Setting, form: FormReply, marks: Marks): Html {
  return html`<form class="bubble card" method="post" action="/aide/formulaire" autocomplete="off" novalidate>
<fieldset><legend>${form.title}</legend>
<div class="text note">${drawText(form.why)}</div><div class="note"><p class="links"><a href="${to(PRIVACY, setting)}">${setting.texts.site.privacy}</a></p></div>
${form.fields.map((field) => drawField(setting, field))}
</fieldset>
${hidden(marks)}<input type="hidden" name="place" value="${form.place}">
<p><button class="main">${form.submit}</button></p>
</form>`;
}

function drawField({ texts: { talk }, kiosk }: Setting, { name, label, hint, error, ...field }: FormField): Html {
  // The next one at a shared machine must not be offered what was typed here.
  const autocomplete = kiosk ? 'off' : field.autocomplete;
  const id = `champ-${name}`;
  const told = [...(hint === undefined ? [] : [`${id}-aide`]), ...(error === undefined ? [] : [`${id}-erreur`])];
  const described = told.length > 0 ? html` aria-describedby="${told.join(' ')}"` : nothing;
  return html`<p><label for="${id}">${label}</label>
${hint === undefined ? nothing : html`<span class="hint" id="${id}-aide">${hint}</span>`}
${error === undefined ? nothing : html`<span class="fault" id="${id}-erreur">${talk.error} ${error}</span>`}
<input id="${id}" name="${id}" inputmode="${field.inputMode}" autocomplete="${autocomplete}" maxlength="${String(field.maxLength)}" spellcheck="false"${described}${error === undefined ? nothing : html` aria-invalid="true"`}></p>`;
}

function drawAnswers(setting: Setting, { entries, before, marks }: Talk, choices: readonly string[]): Html {
  const { talk, kiosk } = setting.texts;
  const waits = entries.at(-1)?.author === 'person';
  const adviser = choices.includes(talk.adviserButton) ? nothing : html`<button class="quiet" name="dit" value="${talk.adviserButton}">${talk.adviserButton}</button>`;
  return html`<section id="reponse" aria-label="${talk.choices}">
${waits ? html`<p class="alert">${talk.waiting} <a href="/aide/conversation?vu=${String(entries.length)}#last">${talk.reload}</a></p>` : nothing}
<form method="post" action="/aide/dire">${hidden(marks)}
<p class="row">${choices.map(choice)}</p>
${takeUp(setting, entries, before)}</form>
<form method="post" action="/aide/dire">${hidden(marks)}
<p><label for="dit">${talk.words}</label><span class="hint" id="dit-aide">${talk.safety}</span>
<textarea id="dit" name="dit" rows="2" maxlength="1000" autocomplete="off" aria-describedby="dit-aide"></textarea></p>
<p><button class="main">${talk.send}</button></p></form>
<form class="row" method="post" action="/aide/dire">${hidden(marks)}${adviser}</form>
<p class="links"><a href="/aide/conversation?vu=${String(entries.length)}#last">${talk.reload}</a> <a href="/aide/resume">${talk.summary}</a>${setting.kiosk ? nothing : html` <a href="/aide/messages">${talk.take}</a>`}</p>
<div class="row"><form method="post" action="/aide/code">${hidden(marks)}<button class="quiet">${talk.code}</button></form>
<form class="row" method="post" action="/aide/fin">${hidden(marks)}<button class="quiet">${setting.kiosk ? kiosk.end : talk.end}</button>
${setting.kiosk ? nothing : html`<button class="quiet" name="effacer" value="1">${talk.erase}</button>`}</form></div>
</section>`;
}

function choice(label: string): Html {
  return html`<button name="dit" value="${label}">${label}</button>`;
}

/** The first words of the conversation before, to be said again as long as nothing was said in this one. */
function takeUp({ texts }: Setting, entries: readonly TranscriptEntry[], before: readonly TranscriptEntry[]): Html {
  const first = before.find((entry) => entry.author === 'person' && entry.text !== undefined);
  if (first?.author !== 'person' || entries.some(({ author }) => author === 'person')) return nothing;
  const words = first.text ?? '';
  const shown = words.length > 60 ? `${words.slice(0, 60)}…` : words;
  return html`<p><button name="dit" value="${words}">${texts.talk.takeUp.replace('{words}', () => shown)}</button></p>`;
}

function drawBefore(setting: Setting, entries: readonly TranscriptEntry[]): Html {
  const { talk } = setting.texts;
  return html`<section aria-label="${talk.before}"><h2>${talk.before}</h2>
<p class="alert">${talk.beforeNote}</p>
${drawList(setting, entries, { room: ROOM.before, at: '/avant', quiet: true })}</section>`;
}
