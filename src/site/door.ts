/**
 * What the site answers at each of its addresses, headers and all. It knows no server, and nothing of the conversation
 * but that the widget holds one.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { readPublicFiles, type PublicFile } from './files.js';
import { choose, pack, type Packed } from './packed.js';
import { pageHeaders, type FramedBy, type PolicyRules } from './policy.js';

/** Complete pages. Those that are strings are the same for everyone and hold no secret. */
export interface Pages {
  readonly home: string;
  /** The conversation alone: the only page that other sites may frame. */
  readonly discussion: string;
  readonly notFound: string;
  /** Who answers for what people tell, why it is asked, how long it is kept, and their rights. */
  readonly privacy?: string;
  /** Mails of the demonstration; absent where mails really leave. */
  readonly mailbox?: () => Promise<string>;
}

export interface SiteOptions {
  readonly pages?: Pages;
  /** Files given under `/public/`, read once at start. */
  readonly publicFolder: string;
  readonly config: PolicyRules;
}

export interface SiteAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface Site {
  /** Where it answers, as routes of the server. */
  readonly addresses: readonly string[];
  /** Undefined where there is nothing. `address`: without query string. */
  look(address: string, headers: IncomingHttpHeaders): Promise<SiteAnswer | undefined>;
  /** The page that says so; undefined for whoever does not ask for pages. */
  missing(headers: IncomingHttpHeaders): SiteAnswer | undefined;
}

type Look = (headers: IncomingHttpHeaders) => SiteAnswer | Promise<SiteAnswer>;

const FILES = '/public/';

/** Reads and compresses everything. Throws `config-invalid` when the public folder cannot be read. */
export function createSite({ pages, publicFolder, config }: SiteOptions): Site {
  const files = readPublicFiles(publicFolder);
  const shown = pages === undefined ? new Map<string, Look>() : showing(pages, config);
  const lost = pages && still(pages.notFound, 'nobody', config);
  return {
    addresses: [...shown.keys(), `${FILES}:file`],
    async look(address, headers) {
      if (!address.startsWith(FILES)) return shown.get(address)?.(headers);
      const file = files.get(address.slice(FILES.length));
      return file && giveFile(file, headers);
    },
    missing(headers) {
      if (lost === undefined || headers.accept?.includes('text/html') !== true) return undefined;
      const answer = lost(headers);
      return { ...answer, status: 404, headers: { ...answer.headers, Vary: 'Accept, Accept-Encoding' } };
    },
  };
}

function showing({ home, discussion, privacy, mailbox }: Pages, rules: PolicyRules): Map<string, Look> {
  const looks = new Map<string, Look>([
    ['/', still(home, 'nobody', rules)],
    ['/discussion', still(discussion, 'hosts', rules)],
    ...(privacy === undefined ? [] : [['/confidentialite', still(privacy, 'nobody', rules)] as const]),
  ]);
  const mails = async (): Promise<SiteAnswer> => ({ status: 200, headers: htmlHeaders(rules, 'nobody'), body: (await mailbox?.()) ?? '' });
  return mailbox === undefined ? looks : looks.set('/demo/courrier', mails);
}

/** A page compressed once. No browser keeps it: « back » on a borrowed machine must not show someone’s discussion. */
function still(page: string, framedBy: FramedBy, rules: PolicyRules): (headers: IncomingHttpHeaders) => SiteAnswer {
  const packed = pack(page);
  return (headers) => {
    const { body, coding } = coded(packed, headers);
    return { status: 200, headers: { ...htmlHeaders(rules, framedBy), ...coding }, body };
  };
}

function htmlHeaders(rules: PolicyRules, framedBy: FramedBy): Readonly<Record<string, string>> {
  return { ...pageHeaders(rules, framedBy), 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' };
}

function giveFile({ type, packed, immutable }: PublicFile, headers: IncomingHttpHeaders): SiteAnswer {
  const { body, tag, coding } = coded(packed, headers);
  const given = {
    ETag: tag,
    // A plain name is asked for again each time: a new build shows at once.
    'Cache-Control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    // Sites that load the widget with `integrity` may read these files; they hold nothing but what everyone gets.
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
  };
  if (holds(headers['if-none-match'], tag)) return { status: 304, headers: { ...given, Vary: coding.Vary }, body: '' };
  return { status: 200, headers: { ...given, ...coding, 'Content-Type': type }, body };
}

function coded(packed: Packed, headers: IncomingHttpHeaders): { body: Buffer; tag: string; coding: { Vary: string; 'Content-Encoding'?: string } } {
  const { body, tag, coding } = choose(packed, headers['accept-encoding']);
  return { body, tag, coding: { Vary: 'Accept-Encoding', ...(coding === 'identity' ? {} : { 'Content-Encoding': coding }) } };
}

/** Whether `If-None-Match` names this tag. Proxies that compress again make a tag weak: that counts here. */
function holds(given: string | undefined, tag: string): boolean {
  const tags = (given ?? '').split(',').map((item) => item.trim().replace(/^W\//, ''));
  return tags.includes(tag) || tags.includes('*');
}
