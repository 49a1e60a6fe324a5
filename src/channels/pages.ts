/**
 * The pages around the widget, as complete HTML strings: the home page, the demonstration's mailbox and the page for
 * what does not exist. Their words are content, handed in; serving them, and their headers, is the server's.
 */
import { z } from 'zod';

const text = z.string().trim().min(1);
const list = z.strictObject({ title: text, items: z.array(text).min(1) });

/** The shape of `dialogs/pages.yaml`. */
export const pageTexts = z.strictObject({
  site: z.strictObject({ name: text, skip: text, skipChat: text, home: text }),
  home: z.strictObject({
    title: text,
    heading: text,
    lead: text,
    chat: text,
    can: list,
    never: list.extend({ note: text }),
    others: z.strictObject({ title: text, items: z.array(z.strictObject({ title: text, text })).min(1) }),
    noscript: z.strictObject({ text, help: text, link: text }),
  }),
  demo: z.strictObject({ title: text, text, people: text, mailbox: text }),
  mailbox: z.strictObject({ title: text, lead: text, reload: text, empty: text, to: text, at: text }),
  notFound: z.strictObject({ title: text, text }),
});

export type PageTexts = z.infer<typeof pageTexts>;

/** A mail kept by the local mailbox. `at`: epoch milliseconds, or a date in ISO form. */
export interface ShownMail {
  readonly at: number | string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Makes any text safe between tags and inside double or single quotes. */
export function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (found) => `&#${String(found.charCodeAt(0))};`);
}

/** HTML whose values are escaped already. Everything else that goes into a page goes through `html`. */
class Html {
  constructor(readonly source: string) {}
}

type Part = string | Html | readonly Html[];

function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((string, at) => string + show(parts[at] ?? '')).join(''));
}

function show(part: Part): string {
  if (typeof part === 'string') return escapeHtml(part);
  return part instanceof Html ? part.source : part.map(({ source }) => source).join('\n');
}

/** `demo`: where the made-up people are listed; absent outside a demonstration. */
export function renderHome({ texts, demo }: { texts: PageTexts; demo?: { peopleUrl: string } }): string {
  const { home } = texts;
  const main = html`<div class="welcome">
<h1>${home.heading}</h1>
<p class="lead">${home.lead}</p>
</div>
<section class="chat" id="discussion" tabindex="-1" aria-label="${home.chat}">
<sesame-chat open><div class="fallback">${elsewhere(home)}</div></sesame-chat>
<noscript>${elsewhere(home)}</noscript>
</section>
<div class="about">
<section>
<h2>${home.can.title}</h2>
${bullets(home.can.items)}
</section>
<section>
<h2>${home.never.title}</h2>
${bullets(home.never.items)}
<p>${home.never.note}</p>
<p class="links"><a href="/aide">${home.noscript.help}</a></p>
</section>
</div>
<section class="others" id="autres-moyens" tabindex="-1">
<h2>${home.others.title}</h2>
<ul>
${home.others.items.map((other) => html`<li><h3>${other.title}</h3><p>${other.text}</p></li>`)}
</ul>
</section>`;
  const box = demo === undefined ? html`` : demoBox(texts, demo.peopleUrl);
  return page({ texts, title: home.title, name: 'home', main, before: box, chat: true });
}

function elsewhere(home: PageTexts['home']): Html {
  return html`<p>${home.noscript.text}</p><p><a href="/aide">${home.noscript.help}</a></p><p><a href="#autres-moyens">${home.noscript.link}</a></p>`;
}

function bullets(items: readonly string[]): Html {
  return html`<ul>
${items.map((item) => html`<li>${item}</li>`)}
</ul>`;
}

function demoBox({ demo }: PageTexts, peopleUrl: string): Html {
  return html`<aside class="demo" aria-label="${demo.title}">
<p><strong>${demo.title}</strong> ${demo.text}</p>
<p class="links"><a href="${peopleUrl}">${demo.people}</a> <a href="/demo/courrier">${demo.mailbox}</a></p>
</aside>`;
}

/** The local mailbox of a demonstration, newest first whatever the order it is handed. Works without scripts. */
export function renderMailbox({ texts, mails }: { texts: PageTexts; mails: readonly ShownMail[] }): string {
  const { mailbox } = texts;
  const newestFirst = [...mails].sort((a, b) => new Date(b.at).getTime() - new Date(a.at).getTime());
  const main = html`<h1>${mailbox.title}</h1>
<p class="lead">${mailbox.lead}</p>
<p class="links"><a href="/demo/courrier">${mailbox.reload}</a> <a href="/">${texts.site.home}</a></p>
${mails.length === 0 ? html`<p>${mailbox.empty}</p>` : newestFirst.map((mail) => drawMail(mailbox, mail))}`;
  return page({ texts, title: `${mailbox.title} – ${texts.site.name}`, name: 'plain', main });
}

function drawMail(mailbox: PageTexts['mailbox'], mail: ShownMail): Html {
  const at = new Date(mail.at);
  const said = at.toLocaleString('fr-FR', { dateStyle: 'long', timeStyle: 'medium', timeZone: 'Europe/Paris' });
  return html`<article class="mail">
<h2>${mail.subject}</h2>
<dl><dt>${mailbox.to}</dt><dd>${mail.to}</dd><dt>${mailbox.at}</dt><dd><time datetime="${at.toISOString()}">${said}</time></dd></dl>
<p class="body">${mail.text}</p>
</article>`;
}

export function renderNotFound({ texts }: { texts: PageTexts }): string {
  const { notFound, site } = texts;
  const main = html`<h1>${notFound.title}</h1>
<p class="lead">${notFound.text}</p>
<p class="links"><a href="/">${site.home}</a></p>`;
  return page({ texts, title: `${notFound.title} – ${site.name}`, name: 'plain', main });
}

interface Page {
  readonly texts: PageTexts;
  readonly title: string;
  readonly name: string;
  readonly main: Html;
  readonly before?: Html;
  readonly chat?: boolean;
}

const KEYHOLE = 'M18 8a6 6 0 0 1 3.2 11.1L23 27a1 1 0 0 1-1 1.2h-8a1 1 0 0 1-1-1.2l1.8-7.9A6 6 0 0 1 18 8z';
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="10" fill="#12586a"/><path fill="#fff" d="${KEYHOLE}"/></svg>`;

function page({ texts: { site }, title, name, main, before = html``, chat = false }: Page): string {
  const skipChat = chat ? html`<a href="#discussion">${site.skipChat}</a>` : html``;
  return html`<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(ICON)}">
<link rel="stylesheet" href="/public/site.css">
${chat ? html`<script src="/public/sesame-chat.js" defer></script>` : html``}
</head>
<body class="${name}">
<nav class="skip" aria-label="${site.skip}"><a href="#contenu">${site.skip}</a>${skipChat}</nav>
<header class="site"><svg viewBox="0 0 36 36" aria-hidden="true" focusable="false"><rect width="36" height="36" rx="10"/><path d="${KEYHOLE}"/></svg><p>${site.name}</p></header>
${before}
<main id="contenu" tabindex="-1">
${main}
</main>
</body>
</html>
`.source;
}
