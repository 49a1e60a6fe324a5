/**
 * The pages of the self-help beside the conversation: where it starts, the knowledge, the summary for the counter, the
 * code, and what is said when something is over or refused.
 */
import type { TranscriptEntry } from '../conversation/transcript.js';
import { frame, KIOSK, to, type Setting } from './frame.js';
import { drawText, Html, html, nothing, dayOf, type AideTexts, type ShownEntry } from './words.js';

/** Brings what a conversation needs to be opened once, however often its form is posted. */
export type Ticket = string;

function ticketOf(setting: Setting, ticket: Ticket): Html {
  return html`<input type="hidden" name="billet" value="${ticket}">${setting.kiosk ? html`<input type="hidden" name="borne" value="1">` : nothing}`;
}

export function renderHome(setting: Setting, entries: readonly ShownEntry[], ticket: Ticket): string {
  const { home, talk } = setting.texts;
  const main = html`<p class="lead">${home.lead}</p>
${setting.talking ? html`<p><a class="button main" href="/aide/conversation#last">${home.goOn}</a></p>` : nothing}
<section><h2>${home.starters}</h2>
<form method="post" action="/aide/conversation">${ticketOf(setting, ticket)}
<div class="row">${home.begin.map((label) => html`<button name="dit" value="${label}">${label}</button>`)}</div></form>
<form method="post" action="/aide/conversation">${ticketOf(setting, ticket)}
<p><label for="dit">${home.words}</label><span class="hint" id="dit-aide">${talk.safety}</span>
<textarea id="dit" name="dit" rows="2" maxlength="1000" autocomplete="off" aria-describedby="dit-aide"></textarea></p>
<p><button class="main">${home.send}</button></p></form></section>
<section><h2>${setting.texts.search.title}</h2>${searchBox(setting, '')}</section>
<section><h2>${home.subjects}</h2>${links(setting, entries)}</section>
<section><h2>${home.code}</h2>${codeBox(setting, ticket)}</section>`;
  return frame(setting, { title: home.heading, main }, home.title);
}

function codeBox(setting: Setting, ticket: Ticket, fault?: string): Html {
  const { home, talk } = setting.texts;
  const told = fault === undefined ? html` aria-describedby="code-aide"` : html` aria-describedby="code-aide code-erreur" aria-invalid="true"`;
  return html`<form method="post" action="/aide/reprise">${ticketOf(setting, ticket)}
<p><label for="code">${home.codeLabel}</label><span class="hint" id="code-aide">${home.codeHint}</span>
${fault === undefined ? nothing : html`<span class="fault" id="code-erreur">${talk.error} ${fault}</span>`}
<input id="code" name="code" maxlength="20" autocomplete="off" autocapitalize="characters" spellcheck="false"${told}></p>
<p class="note">${home.codeNote}</p>
<p><button>${home.codeSend}</button></p></form>`;
}

function searchBox(setting: Setting, query: string): Html {
  const { search } = setting.texts;
  return html`<form method="get" action="/aide/recherche" role="search">${setting.kiosk ? html`<input type="hidden" name="borne" value="1">` : nothing}
<p><label for="q">${search.label}</label><span class="hint" id="q-aide">${search.hint}</span>
<input id="q" name="q" type="search" maxlength="200" autocomplete="off" value="${query}" aria-describedby="q-aide"></p>
<p><button>${search.send}</button></p></form>`;
}

function links(setting: Setting, entries: readonly ShownEntry[]): Html {
  return html`<ul class="subjects" role="list">${entries.map(({ id, title }) => html`<li><a href="${to(`/fiche/${id}`, setting)}">${title}</a></li>`)}</ul>`;
}

/** `query` has no secret in it any more. */
export function renderSearch(setting: Setting, query: string, found: readonly ShownEntry[]): string {
  const { search } = setting.texts;
  const results = found.length > 0 ? html`<h2>${search.found}</h2>${links(setting, found)}` : html`<p>${search.nothing}</p>`;
  const main = html`${searchBox(setting, query)}
${query.trim() === '' ? nothing : html`<section aria-label="${search.found}">${results}</section>`}`;
  return frame(setting, { title: search.title, main });
}

export function renderEntry(setting: Setting, entry: ShownEntry): string {
  const { entry: texts } = setting.texts;
  const main = html`<div class="text">${drawText(entry.answer)}${entry.more === undefined ? nothing : drawText(entry.more)}</div>
<section><h2>${texts.sources}</h2>
<ul>${entry.sources.map(({ label, url }) => html`<li>${drawText(`[${label.replace(/[[\]]/g, '')}](${url})`)}</li>`)}</ul>
<p class="note">${texts.review.replace('{date}', dayOf(entry.reviewBy))}</p></section>
<section class="noprint" aria-label="${texts.ask}"><p class="note">${texts.print}</p><p class="links"><a href="${to('', setting)}">${texts.ask}</a></p></section>`;
  return frame(setting, { title: entry.title, main });
}

/** What to bring to the counter: subjects, and choices in our own words. Not one word that the person typed. */
export function renderSummary(setting: Setting, said: readonly TranscriptEntry[], entries: ReadonlyMap<string, ShownEntry>): string {
  const { summary } = setting.texts;
  const subjects = [...new Set(said.flatMap((one) => (one.author === 'assistant' && one.reply.kind === 'text' ? (one.reply.entry ?? []) : [])))];
  const titles = subjects.flatMap((id) => entries.get(id)?.title ?? []);
  const at = said.at(-1)?.at;
  const main = html`<p class="lead">${summary.lead}</p>
${at === undefined ? nothing : html`<p>${summary.date.replace('{date}', dayOf(at))}</p>`}
<section><h2>${summary.subjects}</h2>${listed(summary, titles)}</section>
<section><h2>${summary.chosen}</h2>${listed(summary, chosenIn(said))}</section>
<section><h2>${summary.bring}</h2>${listed(summary, summary.things)}<p><strong>${summary.never}</strong></p></section>`;
  return frame(setting, { title: summary.title, main });
}

function listed({ none }: AideTexts['summary'], items: readonly string[]): Html {
  return items.length === 0 ? html`<p>${none}</p>` : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

function chosenIn(said: readonly TranscriptEntry[]): readonly string[] {
  const offered = new Set<string>();
  const chosen = new Set<string>();
  for (const entry of said) {
    if (entry.author === 'assistant') for (const label of entry.reply.choices ?? []) offered.add(label);
    else if (entry.author === 'person' && offered.has(entry.text ?? '')) chosen.add(entry.text ?? '');
  }
  return [...chosen];
}

export function renderCode(setting: Setting, { code, expiresAt }: { code: string; expiresAt: number }): string {
  const { code: texts } = setting.texts;
  const main = html`<p class="lead">${texts.lead.replace('{date}', dayOf(expiresAt))}</p>
<p>${texts.label}</p>
<p class="code">${code}</p>
<p>${texts.how}</p>
<p class="alert">${texts.safety}</p>
<p class="links noprint"><a href="/aide/conversation#last">${texts.back}</a></p>`;
  return frame(setting, { title: texts.title, main });
}

/** The code that was entered opens nothing. */
export function renderCodeRefused(setting: Setting, why: 'wrong' | 'tooMany', ticket: Ticket): string {
  const { home, code } = setting.texts;
  return frame(setting, { title: home.code, main: codeBox(setting, ticket, code[why]) }, `${setting.texts.talk.error} ${home.code}`);
}

/** Asks whether anyone is still there; left alone, it goes to the end by itself. */
export function renderWarning(setting: Setting): string {
  const { kiosk } = setting.texts;
  const stay = setting.talking ? '/aide/conversation#last' : to('', setting);
  const main = html`<p class="lead" role="status">${kiosk.warningText}</p>
<p><a class="button main" href="${stay}">${kiosk.stay}</a></p>
<p class="links"><a href="${to('/fin', setting)}">${kiosk.end}</a></p>`;
  return frame(setting, { title: kiosk.warning, main, refresh: { seconds: KIOSK.endsAfter, to: to('/fin', setting) } });
}

export function renderEnd(setting: Setting, erased = false): string {
  const { end } = setting.texts;
  const main = html`<p class="lead">${end.text}</p>
${erased ? html`<p>${end.erased}</p>` : nothing}
<p class="links"><a href="${to('', setting)}">${end.anew}</a></p>`;
  return frame(setting, { title: end.title, main, ...(setting.kiosk ? { refresh: { seconds: 30, to: to('', setting) } } : {}) });
}

/** What is done with what people tell, as the site says it. */
export interface Privacy {
  readonly title: string;
  /** HTML, escaped already. */
  readonly body: string;
}

export function renderPrivacy(setting: Setting, { title, body }: Privacy): string {
  return frame(setting, { title, main: new Html(body) });
}

/** What somebody had written, to be sent again as it was: the same words to the same page act once. */
export interface Unsent {
  /** The address it was sent to. */
  readonly at: string;
  /** What the form brings back, by name. */
  readonly marks: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Nothing can be written down now. Words are given back; what a dialog's form held is not shown again. */
export function renderNotTaken(setting: Setting, unsent?: Unsent): string {
  const { refused, site, talk } = setting.texts;
  const marks = Object.entries(unsent?.marks ?? {}).filter(([, value]) => value !== '');
  const form = unsent && html`<form method="post" action="${unsent.at}">${marks.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<p><label for="dit">${talk.words}</label><span class="hint" id="dit-aide">${talk.safety}</span>
<textarea id="dit" name="dit" rows="2" maxlength="1000" autocomplete="off" aria-describedby="dit-aide">${unsent.text}</textarea></p>
<p><button class="main">${refused.notTakenAgain}</button></p></form>`;
  const main = html`<p class="lead">${refused.notTakenText}</p>
${form ?? nothing}
<p class="links"><a href="${to('', setting)}">${site.again}</a></p>`;
  return frame(setting, { title: refused.notTaken, main });
}

export type Why = 'lost' | 'foreign' | 'missing' | 'unread' | 'trouble' | 'crowd' | 'busy';

export function renderRefused(setting: Setting, why: Why): string {
  const { refused, site } = setting.texts;
  const main = html`<p class="lead">${refused[`${why}Text`]}</p>
<p class="links"><a href="${to('', setting)}">${site.again}</a></p>`;
  return frame(setting, { title: refused[why], main });
}
