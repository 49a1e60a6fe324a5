/**
 * The frame that every page of the self-help stands in, its style sheet, and the headers they leave under. What stands
 * inside is talk.ts and library.ts.
 */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { html, nothing, type Html, type AideTexts } from './words.js';

/** How a page knows where it stands. */
export interface Setting {
  readonly texts: AideTexts;
  /** On a public terminal: every address keeps saying so, and the page leaves by itself. */
  readonly kiosk: boolean;
  /** A conversation is open in this browser. */
  readonly talking: boolean;
  /** What every page says first where none of this is real. */
  readonly demo?: string;
}

export interface Page {
  readonly title: string;
  readonly main: Html;
  /** Where the browser goes by itself, after so many seconds. */
  readonly refresh?: { readonly seconds: number; readonly to: string };
}

// Colours as in the sheet of the site and of the widget: 4.5:1 or more in both themes.
const STYLE = `:root{--paper:#fbfaf7;--surface:#fff;--ink:#1c2732;--soft:#52606b;--edge:#77838d;--hair:#dfdcd3;--accent:#12586a;--on-accent:#fff;--mine:#dcecee;--error:#a3271c;--alert:#fdf3e1;color-scheme:light dark;font:100%/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',Arial,sans-serif;color:var(--ink);background:var(--paper)}
@media (prefers-color-scheme:dark){:root{--paper:#10161a;--surface:#1a2228;--ink:#e8ecef;--soft:#abb6be;--edge:#7d8993;--hair:#323c45;--accent:#8ccfdb;--on-accent:#0c2026;--mine:#21434b;--error:#ffa396;--alert:#3a2f1b}}
*{box-sizing:border-box}
body{margin:0;font-size:1.0625rem;overflow-wrap:anywhere}
h1,h2,h3,p,ul,ol,fieldset,legend{margin:0;padding:0;border:0}
fieldset{min-width:0}
h1{font-size:clamp(1.5rem,1.25rem + 1.5vw,2.25rem);line-height:1.2;text-wrap:balance}
h1:focus,main:focus,li:focus{outline:0}
h2,legend{font-size:1.1875rem;font-weight:600;line-height:1.3}
a{color:var(--accent);text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-999rem;padding:.625rem 1rem;background:var(--surface)}
.skip:focus{left:0;z-index:1}
header{display:flex;flex-wrap:wrap;align-items:center;gap:0 1.5rem;padding:.5rem max(1rem,calc(50vw - 21rem));background:var(--surface);border-bottom:1px solid var(--hair)}
header p{display:flex;align-items:center;gap:.625rem;font-size:1.25rem;font-weight:700}
header svg{width:2.25rem;height:2.25rem}
header rect{fill:var(--accent)}header path{fill:var(--on-accent)}
nav,.links{display:flex;flex-wrap:wrap;gap:0 1.5rem}
nav a,.links a,.subjects a{display:inline-flex;align-items:center;min-height:2.75rem}
main{max-width:44rem;margin:0 auto;padding:1.25rem 1rem 3rem}
footer{padding:.5rem max(1rem,calc(50vw - 21rem));border-top:1px solid var(--hair)}
dt{font-weight:600}
dd{margin:0 0 .75rem}
main>*+*,form>*+*,section>*+*,.text>*+*{margin-top:.75rem}
fieldset>p{margin-top:1rem}
legend{margin-bottom:.25rem}
section{padding-top:1.5rem}
section+section{margin-top:1.5rem!important;border-top:1px solid var(--hair)}
main ul{padding-left:1.25rem}
ul.subjects{padding:0;list-style:none}
.lead,.note,.hint{color:var(--soft)}
.lead{font-size:1.125rem}
.note,.hint{font-size:.9375rem}
.hint,.fault{display:block}
.subjects a{padding:.25rem 0}
.alert{padding:.75rem 1rem;background:var(--alert);border:1px solid var(--hair);border-radius:.75rem}
label{display:block;font-weight:600}
input,textarea{width:100%;min-height:2.75rem;margin-top:.25rem;padding:.5rem .75rem;font:inherit;color:var(--ink);background:var(--surface);border:1px solid var(--edge);border-radius:.75rem}
input[aria-invalid=true]{border:2px solid var(--error)}
.fault{font-size:.9375rem;font-weight:600;color:var(--error)}
button,.button{display:inline-block;min-height:2.75rem;min-width:2.75rem;padding:.5rem .875rem;font:inherit;line-height:1.25;text-align:left;color:var(--accent);background:var(--surface);border:1px solid var(--accent);border-radius:.75rem;cursor:pointer}
.main{font-weight:600;color:var(--on-accent);background:var(--accent)}
.demo{padding:.5rem max(1rem,calc(50vw - 21rem));font-size:.9375rem;background:var(--alert);border-bottom:1px solid var(--hair)}
.opinion{max-width:92%;margin-top:.375rem}
.opinion legend{font-size:.9375rem;font-weight:400;color:var(--soft)}
button.quiet{padding:.375rem 0;background:none;border-color:transparent;text-decoration:underline;text-underline-offset:.2em}
button:hover{text-decoration:underline}
.row{display:flex;flex-wrap:wrap;gap:.5rem}
.row>*{margin-top:0}
.talk{list-style:none}
.talk li.turn{display:flex;flex-direction:column;align-items:flex-start;margin-top:.75rem;scroll-margin-top:1rem}
.who{font-size:.875rem;font-weight:600;color:var(--soft)}
.bubble{max-width:92%;margin-top:.125rem;padding:.625rem .875rem;background:var(--surface);border:1px solid var(--hair);border-radius:.25rem 1rem 1rem}
.bubble>*+*{margin-top:.625rem}
.me{align-items:flex-end!important}
.me .bubble{background:var(--mine);white-space:pre-wrap;border-radius:1rem .25rem 1rem 1rem}
.card{width:100%;max-width:none;padding:1rem;border-color:var(--edge)}
.code{font:700 1.75rem/1.5 ui-monospace,monospace;letter-spacing:.1em}
@media (forced-colors:active){header rect{fill:LinkText}header path{fill:Canvas}.main{border-width:3px}}
@media print{:root{--paper:#fff;--ink:#000;--soft:#333;--accent:#000;font-size:85%}header,footer,.noprint{display:none}main{max-width:none;padding:0}a[href^=http]::after{content:" (" attr(href) ")";font-size:.8em}}`;

/** The address of the sheet changes with it, so that browsers may keep it for good. */
export const STYLE_AT = `/aide/style-${createHash('sha256').update(STYLE).digest('hex').slice(0, 12)}.css`;

const KEYHOLE = 'M18 8a6 6 0 0 1 3.2 11.1L23 27a1 1 0 0 1-1 1.2h-8a1 1 0 0 1-1-1.2l1.8-7.9A6 6 0 0 1 18 8z';

/** Seconds without action before a public terminal asks whether someone is there, and then before it ends. */
export const KIOSK = { asksAfter: 180, endsAfter: 60 };

/** An address of this page; a public terminal is still one on the next page. */
export function to(place: string, { kiosk }: Pick<Setting, 'kiosk'>): string {
  return `/aide${place}${kiosk ? `${place.includes('?') ? '&' : '?'}borne=1` : ''}`;
}

/** Under `/aide`, so that a public terminal stays one there, and a conversation is one link away. */
export const PRIVACY = '/confidentialite';

const TALK_AT = '/aide/conversation#reponse';

/** A whole page. `tab` is what its tab says, where that is not its title. */
export function frame(setting: Setting, { title, main, refresh }: Page, tab = title): string {
  const { site } = setting.texts;
  const leaves = refresh ?? (setting.kiosk ? { seconds: KIOSK.asksAfter, to: to('/encore', setting) } : undefined);
  const links = [html`<a href="${to('', setting)}">${site.home}</a>`, ...(setting.talking ? [html`<a href="${TALK_AT}">${site.talk}</a>`] : [])];
  return html`<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${leaves ? html`<meta http-equiv="refresh" content="${String(leaves.seconds)};url=${leaves.to}">` : nothing}
<title>${tab} – ${site.name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${STYLE_AT}">
</head>
<body>
<a class="skip" href="#contenu">${site.skip}</a>
<header><p><svg viewBox="0 0 36 36" aria-hidden="true" focusable="false"><rect width="36" height="36" rx="10"/><path d="${KEYHOLE}"/></svg>${site.name}</p>
<nav aria-label="${site.nav}">${links}</nav></header>
${setting.demo === undefined ? nothing : html`<aside class="demo"><p>${setting.demo}</p></aside>`}
<main id="contenu" tabindex="-1">
<h1>${title}</h1>
${main}
</main>
<footer><nav class="links" aria-label="${site.foot}"><a href="${to(PRIVACY, setting)}">${site.privacy}</a></nav></footer>
</body>
</html>
`.source;
}

/** What leaves: a page, or the address of one. `retryAfter`: seconds. `file`: it is plain text, to be kept under this name. */
export type Sent = { readonly page: string; readonly file?: string; readonly status?: number; readonly retryAfter?: number } | { readonly goTo: string };

const POLICY = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Sends a page that no browser keeps. `cookie`: a whole `Set-Cookie` line. */
export function send(response: ServerResponse, made: Sent, cookie?: string): void {
  if (cookie !== undefined) response.setHeader('Set-Cookie', cookie);
  response.setHeader('Cache-Control', 'no-store');
  // Under `no-referrer` browsers hide where our own forms come from.
  response.setHeader('Referrer-Policy', 'same-origin');
  response.setHeader('Content-Security-Policy', POLICY);
  if ('goTo' in made) {
    response.statusCode = 303;
    response.setHeader('Location', made.goTo);
    end(response, '');
  } else {
    response.statusCode = made.status ?? 200;
    if (made.retryAfter !== undefined) response.setHeader('Retry-After', String(made.retryAfter));
    if (made.file !== undefined) response.setHeader('Content-Disposition', `attachment; filename="${made.file}"`);
    response.setHeader('Content-Type', `text/${made.file === undefined ? 'html' : 'plain'}; charset=utf-8`);
    end(response, made.page);
  }
}

export function sendStyle(response: ServerResponse): void {
  response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
  response.setHeader('Content-Type', 'text/css; charset=utf-8');
  end(response, STYLE);
}

function end(response: ServerResponse, body: string): void {
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}
