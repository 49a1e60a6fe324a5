/**
 * The page that tells, before anyone says who they are, who answers for their data, why it is asked, how long each thing
 * is kept and what one's rights are. Its words are content; its durations are handed in by whoever keeps to them.
 */
import { html, type Html } from './html.js';
import { bullets, page } from './pages.js';
import type { PageTexts, PERIODS } from './texts.js';

/** Milliseconds, or whole months. */
type Period = number | { readonly months: number };

export type Periods = Readonly<Record<(typeof PERIODS)[number], Period>>;

export interface PrivacyParts {
  readonly texts: PageTexts;
  readonly periods: Periods;
}

/** The page of the site. Works without scripts, and prints. */
export function renderPrivacy(parts: PrivacyParts): string {
  const { privacy, site } = parts.texts;
  const main = html`<h1>${privacy.title}</h1>
${privacyBody(parts)}
<p class="links"><a href="/">${site.home}</a></p>`;
  return page({ texts: parts.texts, title: `${privacy.title} – ${site.name}`, name: 'plain', main });
}

/** The same below its heading, for a page with another frame. */
export function privacyBody({ texts: { privacy, home }, periods }: PrivacyParts): Html {
  const { why, kept, rights, refuse } = privacy;
  return html`<p class="lead">${privacy.lead}</p>
${responsible(privacy)}
<section><h2>${why.title}</h2>
${bullets(why.items)}</section>
<section><h2>${kept.title}</h2>
<dl class="kept">${kept.items.map(({ what, time }) => html`<dt>${what}</dt><dd>${withPeriods(time, periods)}</dd>`)}</dl></section>
<section><h2>${rights.title}</h2>
${bullets(rights.items)}
<p>${rights.how}</p>
<p>${rights.complaint}</p></section>
<section><h2>${refuse.title}</h2>
<p>${refuse.text}</p>
<h3>${privacy.others}</h3>
<ul>${home.others.items.map(({ title, text }) => html`<li><strong>${title}</strong><br>${text}</li>`)}</ul></section>`;
}

/** Contact details that nobody has filled in are shown as what they are. */
function responsible({ responsible: said, operator, example }: PageTexts['privacy']): Html {
  const rows = (['name', 'address', 'delegate', 'email'] as const).map((key) => html`<dt>${said[key]}</dt><dd>${operator[key]}</dd>`);
  return html`<section><h2>${said.title}</h2>
<p>${said.text}</p>
${operator.example ? html`<p class="alert">${example}</p>` : html``}
<dl class="kept">${rows}</dl></section>`;
}

function withPeriods(text: string, periods: Periods): string {
  return text.replace(/\{(\w+)\}/g, (_, name: keyof Periods) => inWords(periods[name]));
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** As people say it: « 24 heures » rather than one day, and days from two on. */
function inWords(period: Period): string {
  if (typeof period !== 'number') return written(period.months, 'month');
  if (period % HOUR !== 0) return written(period / MINUTE, 'minute');
  return period % DAY === 0 && period > DAY ? written(period / DAY, 'day') : written(period / HOUR, 'hour');
}

function written(amount: number, unit: 'minute' | 'hour' | 'day' | 'month'): string {
  return new Intl.NumberFormat('fr-FR', { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
}
