/**
 * The pages around the widget, as complete HTML strings: the home page, the discussion alone, the demonstration's mailbox
 * and the page for what does not exist. Their words are content, handed in; their headers are the door's.
 */
import type { Script } from './files.js';
import { html, type Html } from './html.js';
import type { PageTexts } from './texts.js';

/** A mail kept by the local mailbox. `at`: epoch milliseconds, or a date in ISO form. */
export interface ShownMail {
  readonly at: number | string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

interface WithChat {
  readonly texts: PageTexts;
  readonly script: Script;
}

/** `demo`: where the made-up people are listed; absent outside a demonstration. */
export function renderHome({ texts, script, demo }: WithChat & { readonly demo?: { readonly peopleUrl: string } }): string {
  const { home } = texts;
  const main = html`<div class="welcome">
<h1>${home.heading}</h1>
<p class="lead">${home.lead}</p>
</div>
<section class="chat" id="discussion" tabindex="-1" aria-label="${home.chat}">
${chat(html`<p>${home.noscript.text}</p><p><a href="/aide">${home.noscript.help}</a></p><p><a href="#autres-moyens">${home.noscript.link}</a></p>`)}
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
  return page({ texts, title: home.title, name: 'home', main, before: box, script });
}

/** The conversation and nothing else, as high as its window: for phones, for a link, for a frame on another site. */
export function renderDiscussion({ texts, script }: WithChat): string {
  const { discussion, home, site } = texts;
  // Out of the frame, if there is one: no other page of ours lets itself be framed.
  const ways = html`<p>${home.noscript.text}</p><p><a href="/aide" target="_top">${home.noscript.help}</a></p><p><a href="/#autres-moyens" target="_top">${home.noscript.link}</a></p>`;
  return html`<!DOCTYPE html>
<html lang="fr">
<head>
${head(`${discussion.title} – ${site.name}`, script)}
</head>
<body class="discussion">
<main id="contenu">
<h1>${discussion.heading}</h1>
${chat(ways)}
</main>
</body>
</html>
`.source;
}

/** `ways`: where to go when the discussion does not open. */
function chat(ways: Html): Html {
  return html`<sesame-chat open><div class="fallback">${ways}</div></sesame-chat>
<noscript>${ways}</noscript>`;
}

export function bullets(items: readonly string[]): Html {
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

/** What the pages around FranceConnect say; the words are content. */
export type PassageNotice = Exclude<keyof PageTexts['franceconnect'], 'home' | 'aide'>;

export interface PassagePage {
  readonly texts: PageTexts;
  readonly notice: PassageNotice;
  /** Where the discussion is. */
  readonly back: 'home' | 'aide';
  /** Before the departure: where « go » leads, and the number that the discussion shows too. */
  readonly onward?: { readonly url: string; readonly number: string };
}

/** A page before or after FranceConnect. Works without scripts, and always leads back. */
export function renderPassage({ texts, notice, back, onward }: PassagePage): string {
  const { franceconnect, site } = texts;
  const { title, text } = franceconnect[notice];
  const { number, go } = franceconnect.before;
  const main = html`<h1>${title}</h1>
${text.map((one) => html`<p class="lead">${one}</p>`)}
${onward ? html`<p class="lead"><strong>${number.replace('{number}', onward.number)}</strong></p><p class="links"><a href="${onward.url}">${go}</a></p>` : html``}
<p class="links"><a href="${back === 'aide' ? '/aide/conversation#last' : '/'}">${franceconnect[back]}</a></p>`;
  return page({ texts, title: `${title} – ${site.name}`, name: 'plain', main });
}

interface Page {
  readonly texts: PageTexts;
  readonly title: string;
  readonly name: string;
  readonly main: Html;
  readonly before?: Html;
  readonly script?: Script;
}

const KEYHOLE = 'M18 8a6 6 0 0 1 3.2 11.1L23 27a1 1 0 0 1-1 1.2h-8a1 1 0 0 1-1-1.2l1.8-7.9A6 6 0 0 1 18 8z';
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="10" fill="#12586a"/><path fill="#fff" d="${KEYHOLE}"/></svg>`;

/** A whole page of the site around what is particular to it. */
export function page({ texts: { site }, title, name, main, before = html``, script }: Page): string {
  const skipChat = script ? html`<a href="#discussion">${site.skipChat}</a>` : html``;
  return html`<!DOCTYPE html>
<html lang="fr">
<head>
${head(title, script)}
</head>
<body class="${name}">
<nav class="skip" aria-label="${site.skip}"><a href="#contenu">${site.skip}</a>${skipChat}</nav>
<header class="site"><svg viewBox="0 0 36 36" aria-hidden="true" focusable="false"><rect width="36" height="36" rx="10"/><path d="${KEYHOLE}"/></svg><p>${site.name}</p></header>
${before}
<main id="contenu" tabindex="-1">
${main}
</main>
<footer class="foot"><nav class="links" aria-label="${site.foot}"><a href="/confidentialite">${site.privacy}</a> <a href="/aide">${site.help}</a></nav></footer>
</body>
</html>
`.source;
}

/** Phones shrink the page, not hide its foot, when their keyboard opens. */
const VIEWPORT = 'width=device-width, initial-scale=1, interactive-widget=resizes-content';

function head(title: string, script: Script | undefined): Html {
  return html`<meta charset="utf-8">
<meta name="viewport" content="${VIEWPORT}">
<title>${title}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(ICON)}">
<link rel="stylesheet" href="/public/site.css">
${script ? html`<script src="${script.src}"${sealed(script)} defer></script>` : html``}`;
}

function sealed({ integrity }: Script): Html {
  return integrity === undefined ? html`` : html` integrity="${integrity}" crossorigin="anonymous"`;
}
