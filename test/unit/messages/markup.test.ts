/** The little markup of replies, read into a description of nodes. */
import { parseMarkup, safeAddress } from '../../../src/messages/markup.js';

const text = (words: string) => ({ kind: 'text', text: words });

describe('parseMarkup', () => {
  it('parts paragraphs at blank lines and keeps single line breaks', () => {
    expect(parseMarkup('Un\ndeux\n\n\nTrois')).toEqual([
      { kind: 'paragraph', lines: [[text('Un')], [text('deux')]] },
      { kind: 'paragraph', lines: [[text('Trois')]] },
    ]);
  });

  it('reads a list that follows a sentence without a blank line, and a sentence that follows a list', () => {
    expect(parseMarkup('Il faut :\r\n- la carte\r\n- le code\r\nMerci').map(({ kind }) => kind)).toEqual(['paragraph', 'list', 'paragraph']);
    expect(parseMarkup('- la carte\n- le code')).toEqual([{ kind: 'list', items: [[text('la carte')], [text('le code')]] }]);
  });

  it('reads bold words and links inside a line, and links inside bold words', () => {
    expect(parseMarkup('Allez **vite** sur [ameli](https://www.ameli.fr/a)')).toEqual([
      { kind: 'paragraph', lines: [[text('Allez '), { kind: 'strong', parts: [text('vite')] }, text(' sur '), { kind: 'link', text: 'ameli', href: 'https://www.ameli.fr/a' }]] },
    ]);
    expect(parseMarkup('**[ameli](https://www.ameli.fr/)**')).toEqual([
      { kind: 'paragraph', lines: [[{ kind: 'strong', parts: [{ kind: 'link', text: 'ameli', href: 'https://www.ameli.fr/' }] }]] },
    ]);
  });

  it.each(['', '   \n\n ', '<img src=x onerror=alert(1)>', '**', '[](https://a.fr)', '[a](', '# Titre', '-sans espace', '![x](y)'])('shows as it is written what is not in its list: %j', (written) => {
    const flat = JSON.stringify(parseMarkup(written));
    expect(flat).not.toMatch(/"(link|strong|list)"/);
    expect(parseMarkup(written)).toEqual(written.trim() === '' ? [] : [{ kind: 'paragraph', lines: [[text(written.trim())]] }]);
  });

  it('reads a very long hostile text in a moment', () => {
    const started = performance.now();
    for (const piece of ['[', '**', '[a](', '- ', '\n']) parseMarkup(piece.repeat(5_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('safeAddress', () => {
  it.each(['https://www.ameli.fr/x?y=1', 'mailto:aide@exemple.fr', 'tel:3646', 'http://localhost:3978/franceconnect/aller?billet=x', 'http://127.0.0.1:3978/'])('allows %s', (address) => {
    expect(safeAddress(address)).toBe(address);
  });

  it.each(['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'data:text/html,x', 'http://www.ameli.fr', 'http://localhost.evil.example/', 'http://localhost@evil.example/', 'http://127.0.0.1.evil.example/', '//evil.example', '/chemin', 'https://ameli.fr@evil.example/', 'https://', 'vbscript:x', 'blob:https://a.fr/1'])('leaves %j as text', (address) => {
    expect(safeAddress(address)).toBeUndefined();
    expect(JSON.stringify(parseMarkup(`[ici](${address})`))).not.toContain('"link"');
  });
});
