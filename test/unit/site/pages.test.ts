/** The pages around the widget: complete, escaped, within the content policy, and never asserting what is not known. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { escapeHtml } from '../../../src/site/html.js';
import { renderDiscussion, renderHome, renderMailbox, renderNotFound } from '../../../src/site/pages.js';
import { renderPrivacy } from '../../../src/site/privacy.js';
import { pageTexts, type PageTexts } from '../../../src/site/texts.js';

const texts = pageTexts.parse(parse(readFileSync('dialogs/pages.yaml', 'utf8')));
const script = { src: '/public/sesame-chat.js' };
const HOSTILE = `"><script>alert('x')</script>&`;

function poison<T>(value: T): T {
  if (typeof value === 'string') return HOSTILE as T;
  if (Array.isArray(value)) return value.map(poison) as T;
  return Object.fromEntries(Object.entries(value as object).map(([key, inside]) => [key, poison(inside)])) as T;
}

const pages: readonly [string, (with_: PageTexts) => string][] = [
  ['home', (with_) => renderHome({ texts: with_, script })],
  ['demonstration home', (with_) => renderHome({ texts: with_, script, demo: { peopleUrl: 'http://localhost:4000/demo' } })],
  ['discussion', (with_) => renderDiscussion({ texts: with_, script })],
  ['mailbox', (with_) => renderMailbox({ texts: with_, mails: [{ at: 0, to: 'a@exemple.fr', subject: 'Code', text: 'Bonjour' }] })],
  ['empty mailbox', (with_) => renderMailbox({ texts: with_, mails: [] })],
  ['privacy', (with_) => renderPrivacy({ texts: with_, periods: { trace: 1, letterTrace: 1, code: 1, letter: 1, messages: 1, resumption: 1, withAdviser: 1, audit: { months: 1 } } })],
  ['not found', (with_) => renderNotFound({ texts: with_ })],
];

describe.each(pages)('the %s page', (_name, render) => {
  const page = render(texts);

  it('is French, with one main heading, a title and a place to go straight to', () => {
    expect(page).toContain('<html lang="fr">');
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(page.match(/<main /g)).toHaveLength(1);
    expect(page).toMatch(/<title>[^<]+<\/title>/);
    expect(page).toContain('id="contenu"');
    if (page.includes('<header')) expect(page).toContain('href="#contenu"');
  });

  it('needs nothing that the content policy forbids', () => {
    expect(page).not.toMatch(/ style=|<style|javascript:| on[a-z]+=/);
    const loaded = [...page.matchAll(/<(?:script|link)[^>]*(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address.split(',')[0]);
    for (const address of loaded) expect(['/public/site.css', '/public/sesame-chat.js', 'data:image/svg+xml']).toContain(address);
  });

  it('lets no word of its content become markup', () => {
    expect(render(poison(texts)).match(/<script/g)?.length ?? 0).toBe(page.match(/<script/g)?.length ?? 0);
  });
});

it('escapes whatever could leave an attribute or a text', () => {
  expect(escapeHtml(`<a href="x" id='y'>&amp;`)).toBe('&#60;a href=&#34;x&#34; id=&#39;y&#39;&#62;&#38;amp;');
});

it('escapes the mails and the address of the made-up people', () => {
  const mail = { at: '2026-01-02T10:00:00Z', to: HOSTILE, subject: HOSTILE, text: HOSTILE };
  expect(renderMailbox({ texts, mails: [mail] })).not.toContain('<script');
  expect(renderHome({ texts, script, demo: { peopleUrl: HOSTILE } }).match(/<script/g)).toHaveLength(1);
});

it('shows the newest mail first', () => {
  const mails = [1, 3, 2].map((n) => ({ at: n * 1_000, to: 'a@exemple.fr', subject: `Courriel ${String(n)}`, text: 'Bonjour' }));
  expect([...renderMailbox({ texts, mails }).matchAll(/Courriel (\d)/g)].map(([, n]) => n)).toEqual(['3', '2', '1']);
});

it('gives the demonstration links only in a demonstration', () => {
  expect(renderHome({ texts, script })).not.toContain('/demo/');
  expect(renderHome({ texts, script, demo: { peopleUrl: 'http://localhost:4000/demo' } })).toContain('href="http://localhost:4000/demo"');
});

it('always shows the other ways to be helped, without scripts too', () => {
  const page = renderHome({ texts, script });
  for (const way of ['36 46', 'CPAM', 'France services']) expect(page).toContain(way);
  expect(page).toContain('<noscript>');
});

it('refuses a text left empty or a name it does not know', () => {
  expect(pageTexts.safeParse({ ...texts, notFound: { title: ' ', text: 'x' } }).success).toBe(false);
  expect(pageTexts.safeParse({ ...texts, more: 'x' }).success).toBe(false);
});

describe('a page with the widget', () => {
  const withChat = [renderHome, renderDiscussion];

  it.each(withChat)('loads it by its digest where there is one (%p)', (render) => {
    const sealed = render({ texts, script: { src: '/public/sesame-chat-0a1b2c3d.js', integrity: 'sha384-x+y/z' } });
    expect(sealed).toContain('<script src="/public/sesame-chat-0a1b2c3d.js" integrity="sha384-x+y/z" crossorigin="anonymous" defer></script>');
    expect(render({ texts, script })).toContain('<script src="/public/sesame-chat.js" defer></script>');
  });

  it.each(withChat)('leads to the page without scripts when the discussion does not open (%p)', (render) => {
    const page = render({ texts, script });
    for (const place of [/<div class="fallback">.*?<\/div>/s, /<noscript>.*?<\/noscript>/s]) expect(place.exec(page)?.[0]).toContain('href="/aide"');
  });

  it('leaves the frame it stands in, because no other page lets itself be framed', () => {
    const links = [...renderDiscussion({ texts, script }).matchAll(/<a [^>]+>/g)].map(([link]) => link);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((link) => !link.includes('target="_top"'))).toEqual([]);
  });
});
